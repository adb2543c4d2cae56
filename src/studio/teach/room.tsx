import type { FunctionComponent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { PinButton } from '../parts/pin.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import { explainCommandText } from '../state/elsewhere.ts';
import { firstVisit } from '../state/firstvisit.ts';
import { showTeach, teachView } from '../state/teach.ts';
import { firstDrawing } from '../state/view.ts';
import { Labels } from './labels.tsx';
import { Asked, Guess, OtherClass, Reveal } from './look.tsx';
import { Methods } from './methods.tsx';
import { Mislead } from './mislead.tsx';
import { seenOfStep } from './pin.ts';
import { portraitRequest } from './portrait.tsx';
import { Sanity } from './sanity.tsx';

interface TourStep {
  readonly title: string;
  readonly Body: FunctionComponent;
  /** What does the same on the command line, where it is one command. */
  readonly command?: string;
}

const imported = 'limn import face-api';
const given = `${firstVisit.model} ${firstVisit.photo}`;
const explained = explainCommandText(portraitRequest(), firstDrawing);

/** As many as `state/teach.ts` says. */
const tour: readonly TourStep[] = [
  { title: 'A network answers', Body: Asked, command: `${imported}\nlimn classify ${given}` },
  { title: 'Guess where it looks', Body: Guess },
  { title: 'Where it looks', Body: Reveal, command: explained },
  {
    title: 'Another question',
    Body: OtherClass,
    command: explainCommandText(portraitRequest({ target: 'male' }), firstDrawing),
  },
  { title: 'Mislead it', Body: Mislead },
  {
    title: 'Methods disagree',
    Body: Methods,
    command: explainCommandText(portraitRequest({ method: 'guided-backprop' }), firstDrawing),
  },
  {
    title: 'A check that fails',
    Body: Sanity,
    command: `${imported}\nlimn faithfulness ${given} --methods lrp guided-backprop --metrics randomisation -o checked`,
  },
  { title: 'What labels are', Body: Labels },
];

/** A tour for a class, or for one: what a network sees of a face, and what is not to be read into it. */
export function TeachRoom() {
  const { step } = teachView.value;
  const { title, Body, command } = tour[step];
  const main = useRef<HTMLElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const entered = useRef(step);
  useEffect(() => {
    // Who goes on by keys, or does not see the page, is where the next step begins.
    if (entered.current !== step) heading.current?.focus();
    entered.current = step;
  }, [step]);
  return (
    <main ref={main} id="main" class="teach">
      <nav aria-label="steps of the tour">
        <ol class="teach-steps">
          {tour.map((each, i) => (
            <li key={each.title}>
              <button
                type="button"
                aria-label={`step ${i + 1}: ${each.title}`}
                aria-current={i === step ? 'step' : undefined}
                onClick={() => showTeach({ step: i })}
              >
                {i + 1}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <h1 ref={heading} class="title" tabIndex={-1}>
        {title}
      </h1>
      <Body key={title} />
      <div class="buttons">
        <button type="button" disabled={step === 0} onClick={() => showTeach({ step: step - 1 })}>
          Back
        </button>
        {step < tour.length - 1 && (
          <button type="button" class="primary" onClick={() => showTeach({ step: step + 1 })}>
            Next: {tour[step + 1].title.toLowerCase()}
          </button>
        )}
        <PinButton key={title} seen={() => seenOfStep(main.current ?? document.body, title, command)} />
      </div>
      {command !== undefined && <Reproduce command={command} />}
    </main>
  );
}
