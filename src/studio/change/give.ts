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
