import type { FunctionComponent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { PinButton } from '../parts/pin.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import { explainCommandText } from '../state/commands.ts';
import { firstVisit } from '../state/firstvisit.ts';
import { classifyProgramText, explainProgramText, verbProgramText } from '../state/programs.ts';
import type { Column } from '../state/request.ts';
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
  /** What does the same elsewhere, where it is one thing. */
  readonly elsewhere?: { readonly command: string; readonly program: string };
}

const imported = 'limn import face-api';
const given = `${firstVisit.model} ${firstVisit.photo}`;

const explained = (change: Partial<Column> = {}) => {
  const request = portraitRequest(change);
  return { command: explainCommandText(request, firstDrawing), program: explainProgramText(request) };
};

/** What fails the check, beside what passes it. */
const checked = { methods: ['lrp', 'guided-backprop'], metrics: ['randomisation'] };

/** As many as `state/teach.ts` says. */
const tour: readonly TourStep[] = [
  {
    title: 'A network answers',
    Body: Asked,
    elsewhere: {
      command: `${imported}\nlimn classify ${given}`,
      program: classifyProgramText(firstVisit.model, firstVisit.photo),
    },
  },
  { title: 'Guess where it looks', Body: Guess },
  { title: 'Where it looks', Body: Reveal, elsewhere: explained() },
  { title: 'Another question', Body: OtherClass, elsewhere: explained({ target: 'male' }) },
  { title: 'Mislead it', Body: Mislead },
  { title: 'Methods disagree', Body: Methods, elsewhere: explained({ method: 'guided-backprop' }) },
  {
    title: 'A check that fails',
    Body: Sanity,
    elsewhere: {
      command: `${imported}\nlimn faithfulness ${given} --methods ${checked.methods.join(' ')} --metrics ${checked.metrics.join(' ')} -o checked`,
      program: verbProgramText('faithfulness', {
        model: firstVisit.model,
        data: [firstVisit.photo],
        ...checked,
        output: 'checked',
      }),
    },
  },
  { title: 'What labels are', Body: Labels },
];

/** A tour for a class, or for one: what a network sees of a face, and what is not to be read into it. */
export function TeachRoom() {
  const { step } = teachView.value;
  const { title, Body, elsewhere } = tour[step];
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
        <PinButton key={title} seen={() => seenOfStep(main.current ?? document.body, title, elsewhere)} />
      </div>
      {elsewhere && <Reproduce {...elsewhere} />}
    </main>
  );
}
