import { percent } from '../../common/format.ts';
import { Answer } from '../explain/answer.tsx';
import { Legend } from '../explain/heat.tsx';
import { Picture } from '../parts/picture.tsx';
import { siteAddress } from '../site.ts';
import { firstVisit } from '../state/firstvisit.ts';
import { showTeach, teachView } from '../state/teach.ts';
import { ShareText, shareIn, TourMap, tourColors, tourLimit } from './maps.tsx';
import { SquarePicker } from './marked.tsx';
import { answerOf, Explaining, portraitRequest } from './portrait.tsx';
import { extremeSquares } from './square.ts';

/** What goes in, and what comes out. */
export const Asked = () => (
  <>
    <p>
      A network for pictures takes numbers and gives numbers. This one was trained on photos of faces under
      which people had written a gender and an age. It gives both for whatever it is shown.
    </p>
    <div class="teach-parts">
      <figure>
        <img class="picture" src={siteAddress(`demo/${firstVisit.photo}`)} alt="the portrait" />
        <figcaption>the portrait: the astronaut Eileen Collins, by NASA</figcaption>
      </figure>
      <Explaining request={portraitRequest()}>
        {({ view }) => (
          <figure>
            <Picture image={view} label="what the network sees of the portrait" pixels />
            <figcaption>
              all that the network gets: {view.width}×{view.height} pixels
            </figcaption>
          </figure>
        )}
      </Explaining>
      <div class="teach-words">
        <h2>Its answer</h2>
        <Answer model={firstVisit.model} photo={firstVisit.photo} />
        <p class="hint">It was computed here and now, in this page. Nothing leaves it.</p>
      </div>
    </div>
  </>
);

/** Where somebody thinks that it looks. */
export const Guess = () => (
  <Explaining request={portraitRequest()}>
    {(shown) => (
      <>
        <p>
          The network says <em>{answerOf(shown)}</em>. Which part of the picture speaks most for it? Put the
          square there before you see what the network says of it.
        </p>
        <div class="teach-parts">
          <SquarePicker
            label="the portrait"
            square={teachView.value.guess}
            onSquare={(guess) => showTeach({ guess })}
          >
            <Picture image={shown.view} label="the portrait, as the network sees it" />
          </SquarePicker>
          <div class="teach-words">
            <h2>Say it aloud</h2>
            <p>
              Ask the others in the room, too. Who is sure? What would you look at, and is there a reason why
              a network should look at the same?
            </p>
          </div>
        </div>
      </>
    )}
  </Explaining>
);

/** Where it does, by relevance propagation. */
export const Reveal = () => (
  <Explaining request={portraitRequest()}>
    {(shown) => {
      const { guess } = teachView.value;
      const { ofAbsolute, ofArea } = shareIn(shown, guess);
      const best = extremeSquares(shown.map, guess.side).most;
      const name = answerOf(shown);
      return (
        <>
          <p>
            The score of <em>{name}</em> is shared among the pixels, layer by layer, from the answer down.
            Warm pixels spoke for <em>{name}</em>, cold ones against it.
          </p>
          <div class="teach-parts">
            <TourMap shown={shown} label={`what speaks for ${name}, with two squares`} guess={guess} most>
              solid: your square; dashed: the one of its size with most relevance
            </TourMap>
            <div class="teach-words" role="status">
              <h2>Your square</h2>
              <p>
                <ShareText shown={shown} square={guess} />: {(ofAbsolute / ofArea).toFixed(1)} times what it
                would have if relevance were spread evenly.
              </p>
              <p>
                The best square of its size has {percent(shareIn(shown, best).ofAbsolute)}.{' '}
                {ofAbsolute >= 0.8 * shareIn(shown, best).ofAbsolute
                  ? 'You and the network look at much the same.'
                  : 'The network looks elsewhere than you thought.'}
              </p>
              <Legend colors={tourColors} limit={tourLimit(shown)} />
            </div>
          </div>
        </>
      );
    }}
  </Explaining>
);

/** The same for the other class. */
export const OtherClass = () => (
  <Explaining request={portraitRequest()}>
    {(shown) => {
      const { guess } = teachView.value;
      const other = shown.reading.scores.find(({ explained }) => !explained);
      if (!other) return null;
      const limit = tourLimit(shown);
      return (
        <>
          <p>
            A map answers one question. Ask the network about <em>{other.label}</em> instead, and the same
            pixels of the same photo are counted anew.
          </p>
          <div class="teach-parts">
            <TourMap shown={shown} limit={limit} label={`what speaks for ${answerOf(shown)}`} guess={guess}>
              what speaks for {answerOf(shown)}. Your square: <ShareText shown={shown} square={guess} />.
            </TourMap>
            <Explaining request={portraitRequest({ target: String(other.index) })}>
              {(against) => (
                <TourMap shown={against} limit={limit} label={`what speaks for ${other.label}`} guess={guess}>
                  what speaks for {other.label}. Your square: <ShareText shown={against} square={guess} />.
                </TourMap>
              )}
            </Explaining>
            <div class="teach-words">
              <h2>Both in one scale</h2>
              <Legend colors={tourColors} limit={limit} />
              <p>
                What is warm on the left is often cold on the right: with two classes, what helps one harms
                the other. Before you read a map, ask which question it answers.
              </p>
            </div>
          </div>
        </>
      );
    }}
  </Explaining>
);
