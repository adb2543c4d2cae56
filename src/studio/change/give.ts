import { useEffect, useRef, useState } from 'preact/hooks';
import { client } from '../state/asked.ts';
import type { ChangedPhoto } from './canvas.ts';

/** Numbers the changed photos: each is a file of its own to the worker. */
let changes = 0;

/** Gives the worker a photo as it has become; returns its path, for whoever forgets it again. */
export async function giveChanged(photo: ChangedPhoto): Promise<string> {
  const path = `changed-${++changes}.png`;
  client.give([{ path, source: await photo.png() }]);
  return path;
}

/** A changed photo as the worker knows it, and what was done to it. */
export interface GivenPhoto<What> {
  readonly path: string;
  readonly what: What;
}

/** The changed photo that is asked about: the last one that was given. Those before it are forgotten once nobody asks about them. */
export function useGiven<What>(): {
  readonly given: GivenPhoto<What> | undefined;
  give(photo: ChangedPhoto, what: What): Promise<void>;
  takeBack(): void;
} {
  const [given, setGiven] = useState<GivenPhoto<What>>();
  const last = useRef(0);
  useEffect(() => () => void last.current++, []);
  // Whoever shows it has stopped asking by then: what is inside a component is told of a change before it is.
  useEffect(() => () => void (given && client.forget([given.path])), [given]);
  return {
    given,
    async give(photo, what) {
      const mine = ++last.current;
      const path = await giveChanged(photo);
      // Pictures need not be written in the order in which they were drawn.
      if (mine === last.current) setGiven({ path, what });
      else client.forget([path]);
    },
    takeBack() {
      last.current++;
      setGiven(undefined);
    },
  };
}
