import { short } from '../../common/format.ts';
import type { Image } from '../../image/index.ts';
import { AnswerWords } from '../explain/answer.tsx';
import { Failure, Remark, Waiting } from '../parts/notice.tsx';
import { type Painting, Picture } from '../parts/picture.tsx';
import type { InputChannel, PreparationChange, ShownPreparation } from '../protocol/index.ts';
import { type Asked, useAsked } from '../state/asked.ts';
import { fileNameOf } from '../state/folder.ts';

/** What a network gets of a photo, prepared as a form says it; nothing is asked where a model says nothing and the form neither. */
export const usePreparation = (
  model: string,
  photo: string | undefined,
  fields: PreparationChange | undefined,
): Asked<ShownPreparation> =>
  useAsked(
    'prepared',
    photo === undefined || fields === undefined ? undefined : { model, photo, fields },
    'preparing the photo',
  );

/** What the network gets of the photo at hand: a picture, its numbers, and what it answers; before a change and after it. */
export function WhatItGets({
  photo,
  now,
  before,
}: {
  readonly photo: string | undefined;
  readonly now: Asked<ShownPreparation>;
  /** As the model says it, where the form says something else. */
  readonly before: Asked<ShownPreparation> | undefined;
}) {
  const shown = now.state === 'ready' ? now.answer : now.state === 'asking' ? now.before : undefined;
  const said = before?.state === 'ready' ? before.answer : undefined;
  return (
    <section class="gets" aria-labelledby="gets-title">
      <h3 id="gets-title">What the network gets</h3>
      {photo === undefined && <p class="hint">Choose a photo to see it.</p>}
      {now.state === 'failed' && now.field === undefined && <Failure asked={now} />}
      {photo !== undefined &&
        (now.state === 'idle' || (now.state === 'failed' && now.field !== undefined)) && (
          <p class="hint">Nothing yet: a field says too little, or what cannot be read.</p>
        )}
      {now.state === 'asking' && !shown && <Waiting text="preparing the photo" />}
      {shown && photo !== undefined && now.state !== 'failed' && (
        <>
          <Input shown={shown} photo={photo} />
          <div class="gets-answers" role="status">
            {said && (
              <div>
                <small>as the model says</small>
                <AnswerWords photo={said.answer} />
              </div>
            )}
            <div>
              <small>{said ? 'as it is said here' : 'what it answers'}</small>
              <AnswerWords photo={shown.answer} />
            </div>
          </div>
          {shown.notes.map((text) => (
            <Remark key={text} text={text} />
          ))}
        </>
      )}
    </section>
  );
}

function Input({ shown, photo }: { readonly shown: ShownPreparation; readonly photo: string }) {
  const { view, channels } = shown;
  const least = Math.min(...channels.map((channel) => channel.least));
  const most = Math.max(...channels.map((channel) => channel.most));
  return (
    <>
      <figure class="gets-view">
        <Picture image={view} label={`${photo} as it is cut for the network`} pixels />
        <figcaption>
          {fileNameOf(photo)}, {view.height}×{view.width}
        </figcaption>
      </figure>
      <ol class="gets-channels" aria-label="channels in the order in which the network gets them">
        {channels.map((channel, i) => (
          <li key={channel.name}>
            <Picture
              image={greys(channel, least, most)}
              label={`channel ${i + 1}, ${channel.name}: darker is less`}
            />
            <span>
              {i + 1}: {channel.name}
            </span>
            <small>
              {signed(channel.least)} to {signed(channel.most)}
              <br />
              mean {signed(channel.mean)}
            </small>
          </li>
        ))}
      </ol>
    </>
  );
}

const signed = (value: number): string => short(value).replace('-', '−');

/** A channel in greys, on a scale that all channels share. */
function greys({ map: { width, height, data } }: InputChannel, least: number, most: number): Painting {
  const scale = most > least ? 255 / (most - least) : 0;
  return {
    width,
    height,
    paint(): Image {
      const pixels = new Uint8ClampedArray(3 * data.length);
      for (const [i, value] of data.entries()) pixels.fill((value - least) * scale, 3 * i, 3 * i + 3);
      return { width, height, channels: 3, data: pixels };
    },
  };
}
