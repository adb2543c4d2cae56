import { methodPurposes } from '../../attribution/purposes.ts';
import type { Column } from '../state/request.ts';
import { teachView } from '../state/teach.ts';
import { ShareText, TourMap } from './maps.tsx';
import { Explaining, portraitRequest } from './portrait.tsx';

/** Fewer than the usual 50, so that a class does not wait: the portrait's maps correlate by 0.98. */
const integratedSteps = 12;

/** Methods of different families, each of few runs of the network. */
const methods: readonly (Partial<Column> & Pick<Column, 'method'>)[] = [
  { method: 'lrp' },
  { method: 'gradient-x-input' },
  { method: 'guided-backprop' },
  { method: 'integrated-gradients', parameters: { steps: integratedSteps } },
  { method: 'grad-cam' },
  { method: 'excitation-backprop' },
];

/** The same answer by methods that ask different questions. */
export const Methods = () => {
  const { guess } = teachView.value;
  return (
    <>
      <p>
        There are many ways to ask why. All of these maps are about the same network, the same portrait and
        the same answer, each in its own scale. Solid: your square; dashed: the one of its size with most
        relevance. Integrated gradients are added up in {integratedSteps} steps here, not in 50: nobody waits.
      </p>
      <ul class="teach-methods">
        {methods.map(({ method, ...rest }) => (
          <li key={method}>
            <h2>{method}</h2>
            <Explaining request={portraitRequest({ method, ...rest })}>
              {(shown) => (
                <TourMap shown={shown} label={`the map of ${method}`} guess={guess} most>
                  {methodPurposes[method]} Your square: <ShareText shown={shown} square={guess} />.
                </TourMap>
              )}
            </Explaining>
          </li>
        ))}
      </ul>
      <p>
        Which of them is right cannot be seen from how they look. One that pleases the eye may show edges, and
        edges are in the photo, not in the network. The next step puts two of them to the test.
      </p>
    </>
  );
};
