import { useEffect, useState } from 'preact/hooks';
import { fillUniform } from '../../common/random.ts';
import { Answer } from '../explain/answer.tsx';
import { Legend } from '../explain/heat.tsx';
import { Waiting } from '../parts/notice.tsx';
import { siteAddress } from '../site.ts';
import { client } from '../state/asked.ts';
import { CAT_PHOTO, firstVisit } from '../state/firstvisit.ts';
import { room } from '../state/view.ts';
import { TourMap, tourColors, tourLimit } from './maps.tsx';
import { answerOf, Explaining, portraitRequest } from './portrait.tsx';

/** What the network is asked about, of which only one is a face the right way up. */
interface Shown {
  readonly path: string;
  readonly title: string;
  readonly address: string;
}

/** What the network's two answers are, and what they are not. */
export const Labels = () => {
  const all = useShown();
  return (
    <>
      <p>
        The network has to say a gender and an age: it has no way to say that it does not know, or that there
        is nobody. Here is what it says of five pictures.
      </p>
      {all ? (
        <ul class="teach-methods teach-shown">
          {all.map(({ path, title, address }) => (
            <li key={path}>
              <figure>
                <img class="picture" src={address} alt={title} />
                <figcaption>{title}</figcaption>
              </figure>
              <Answer model={firstVisit.model} photo={path} />
            </li>
          ))}
        </ul>
      ) : (
        <Waiting text="making pictures" />
      )}
      {all && <ReasonsForCat />}
      <div class="teach-parts">
        <section class="teach-words">
          <h2>What the labels are</h2>
          <p>
            Words and numbers that people wrote under photos. <em>Gender</em> is one of two words because the
            form had two; it says how somebody read a face. <em>Age</em> is what somebody guessed, or computed
            from dates that may be wrong. A network trained on them says what such labels would say.
          </p>
        </section>
        <section class="teach-words">
          <h2>What they are not</h2>
          <p>
            They are not who a person is. Nothing here says how somebody identifies or how old they are, and
            nothing may be decided about a person by it. A good explanation of a guess is still about a guess.
          </p>
        </section>
        <section class="teach-words">
          <h2>Go on</h2>
          <p>The other rooms take photos and networks of your own; they stay in this browser.</p>
          <div class="buttons">
            <button
              type="button"
              class="primary"
              onClick={() => {
                room.value = 'explain';
              }}
            >
              Explain another photo
            </button>
          </div>
        </section>
      </div>
    </>
  );
};

/** There is a map for any answer, also for one to a question that makes no sense. */
const ReasonsForCat = () => (
  <section aria-labelledby="cat-title">
    <h2 id="cat-title">A reason for everything</h2>
    <div class="teach-parts">
      <Explaining request={portraitRequest({}, givenCat)}>
        {(shown) => (
          <>
            <TourMap shown={shown} label={`what speaks for ${answerOf(shown)} in the cat`}>
              what speaks for {answerOf(shown)} in the cat
            </TourMap>
            <div class="teach-words">
              <p>
                Asked why it calls the cat <em>{answerOf(shown)}</em>, the network has a map for that, too, as
                neat as the portrait's. A map shows where an answer comes from. Whether the question made
                sense, or the answer is true, it does not show.
              </p>
              <Legend colors={tourColors} limit={tourLimit(shown)} />
            </div>
          </>
        )}
      </Explaining>
    </div>
  </section>
);

/** The cat, as the worker knows it: people may have a photo that is called so, too. */
const givenCat = `tour-${CAT_PHOTO}`;

/** The portrait, the cat, and pictures that are made of the portrait and of nothing. */
function useShown(): readonly Shown[] | undefined {
  const [shown, setShown] = useState<readonly Shown[]>();
  useEffect(() => {
    let left = false;
    const addresses: string[] = [];
    const paths: string[] = [];
    const make = async () => {
      const portrait = new Image();
      portrait.src = siteAddress(`demo/${firstVisit.photo}`);
      await portrait.decode();
      const made = await Promise.all(
        drawings.map(async ({ name, title, draw }) => ({
          path: name,
          title,
          blob: await drawn(portrait, draw),
        })),
      );
      if (left) return;
      const cat = siteAddress(`demo/${CAT_PHOTO}`);
      client.give([
        { path: givenCat, source: { address: cat } },
        ...made.map(({ path, blob }) => ({ path, source: blob })),
      ]);
      paths.push(givenCat, ...made.map(({ path }) => path));
      addresses.push(...made.map(({ blob }) => URL.createObjectURL(blob)));
      setShown([
        { path: firstVisit.photo, title: 'the portrait', address: portrait.src },
        { path: givenCat, title: 'a cat', address: cat },
        ...made.map(({ path, title }, i) => ({ path, title, address: addresses[i] })),
      ]);
    };
    void make();
    return () => {
      left = true;
      client.forget(paths);
      for (const address of addresses) URL.revokeObjectURL(address);
    };
  }, []);
  return shown;
}

type Draw = (context: CanvasRenderingContext2D, portrait: HTMLImageElement) => void;

const drawings: readonly { readonly name: string; readonly title: string; readonly draw: Draw }[] = [
  {
    name: 'tour-upside-down.png',
    title: 'the portrait upside down',
    draw(context, portrait) {
      const { width, height } = context.canvas;
      context.transform(-1, 0, 0, -1, width, height);
      context.drawImage(portrait, 0, 0);
    },
  },
  {
    name: 'tour-gray.png',
    title: 'plain gray',
    draw(context) {
      context.fillStyle = '#808080';
      context.fillRect(0, 0, context.canvas.width, context.canvas.height);
    },
  },
  {
    name: 'tour-noise.png',
    title: 'random pixels',
    draw(context) {
      const { width, height } = context.canvas;
      const pixels = context.createImageData(width, height);
      const values = new Float32Array(pixels.data.length);
      fillUniform(values, 1, 0, 0, 256);
      values.forEach((value, i) => {
        pixels.data[i] = i % 4 === 3 ? 255 : Math.floor(value);
      });
      context.putImageData(pixels, 0, 0);
    },
  },
];

function drawn(portrait: HTMLImageElement, draw: Draw): Promise<Blob> {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [portrait.naturalWidth, portrait.naturalHeight];
  const context = canvas.getContext('2d');
  if (context) draw(context, portrait);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser wrote no picture')))),
  );
}
