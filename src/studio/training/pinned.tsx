import { Chart } from '../parts/chart.tsx';
import { Select } from '../parts/controls.tsx';
import { Remark } from '../parts/notice.tsx';
import { PinButton } from '../parts/pin.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import { answered, knownAnswer, useAsked } from '../state/asked.ts';
import { snapshotCommandText } from '../state/commands.ts';
import { snapshotProgramText } from '../state/programs.ts';
import { showTraining, trainingView } from '../state/training.ts';
import { AnswersTable } from './answers.tsx';
import { heatAsk, SnapshotHeat } from './heat.tsx';
import { askOf, type RunNow, runsNow, saidNow } from './now.ts';
import { PhotoPicker } from './picker.tsx';
import { seenOfAnswers } from './pin.ts';
import { answerRows, classesOf, followedClass } from './said.ts';

/** Photos that stay in sight while a training goes on: what each snapshot of it answers, and why. */
export function PinnedPart({
  runs: chosen,
  width,
}: {
  readonly runs: readonly string[];
  readonly width: number;
}) {
  void answered.value;
  const runs = runsNow(chosen);
  const { photos } = trainingView.value;
  const snapshots = runs.flatMap(({ all }) => all);
  const ready = snapshots.length > 0 && runs.some(({ request }) => request !== undefined);
  return (
    <section class="pinned" aria-labelledby="pinned-title">
      <h2 id="pinned-title">Photos, as training goes on</h2>
      {snapshots.length === 0 ? (
        <p class="hint">
          As soon as the training has written a snapshot, photos can be pinned here: each snapshot says what
          it sees in them.
        </p>
      ) : !ready ? (
        <p class="hint">
          Snapshots hold weights alone. Serve or drop the network’s definition, too: the{' '}
          <code>.prototxt</code> that it is trained by, with the mean image that it names.
        </p>
      ) : (
        <>
          <PhotoPicker />
          {photos.length > 0 && <Answers runs={runs} width={width} />}
        </>
      )}
    </section>
  );
}

function Answers({ runs, width }: { readonly runs: readonly RunNow[]; readonly width: number }) {
  const { photos, classes: given, everySnapshot } = trainingView.value;
  const said = saidNow(runs);
  const classes = classesOf(said);
  const followed = photos.map((photo, place) => followedClass(photo, place, said, given));
  const rows = answerRows(photos, said, followed);
  const asked = useAsked(
    'answerCurves',
    rows.length > photos.length && width > 0 ? { rows, width, paper: false } : undefined,
    'drawing answers',
  );
  const svg = asked.state === 'ready' ? asked.answer : asked.state === 'asking' ? asked.before : undefined;
  const left = runs.some(({ all, asked: some }) => some.length < all.length);
  const heat = heatAsk(runs, said, followed);
  return (
    <>
      <Sources runs={runs} />
      {svg !== undefined && (
        <Chart label="answers over iterations" svg={svg} stale={asked.state === 'asking'} />
      )}
      <div class="pinned-parts">
        <div>
          <AnswersTable runs={runs} classes={classes} followed={followed} />
          <p class="hint">
            The bar is the probability of the class over the column. Choose an answer to see its heatmap.
          </p>
          {(left || everySnapshot) && (
            <label class="check">
              <input
                type="checkbox"
                checked={everySnapshot}
                onChange={({ currentTarget }) => showTraining({ everySnapshot: currentTarget.checked })}
              />{' '}
              every snapshot
            </label>
          )}
        </div>
        <SnapshotHeat runs={runs} heat={heat} />
      </div>
      {said.length > 0 && (
        <>
          <div class="buttons">
            <PinButton
              seen={() =>
                seenOfAnswers({ runs: runs.map(({ run }) => run), photos, said, followed, rows, heat })
              }
            />
          </div>
          {heat && (
            <Reproduce
              command={snapshotCommandText(heat)}
              program={snapshotProgramText(heat)}
              does="that explains by a snapshot"
            />
          )}
        </>
      )}
    </>
  );
}

/** What makes networks of snapshots: found, said, and changed where that is not what was meant. */
function Sources({ runs }: { readonly runs: readonly RunNow[] }) {
  const { definition, mean, labels } = trainingView.value;
  const now = runs.find(({ request }) => request !== undefined);
  const by = now?.request && knownAnswer('trainedBy', now.request);
  const [first] = now?.asked ?? [];
  if (!now || !by || !first) return null;
  const { plan } = askOf(first, now, by);
  const notes = now.asked.flatMap(
    (snapshot) => knownAnswer('snapshot', askOf(snapshot, now, by))?.notes ?? [],
  );
  const choices = (paths: readonly string[]) => paths.map((value) => ({ value, label: value }));
  const none = { value: '', label: 'none' };
  return (
    <>
      <details class="picker">
        <summary>
          Networks of {plan.prototxt}
          {by.isKnown && ', by which they were trained'}
          {plan.mean && `, with ${plan.mean}`}
        </summary>
        <form class="settings" onSubmit={(event) => event.preventDefault()}>
          <Select
            label="Definition"
            value={definition ?? plan.prototxt}
            choices={choices(now.sources.definitions)}
            onChange={(value) => showTraining({ definition: value })}
          />
          <Select
            label="Mean image"
            value={mean ?? plan.mean ?? ''}
            choices={[none, ...choices(now.sources.means)]}
            onChange={(value) => showTraining({ mean: value })}
          />
          <Select
            label="Names of classes"
            value={labels ?? plan.labels ?? ''}
            choices={[none, ...choices(now.sources.labels)]}
            onChange={(value) => showTraining({ labels: value })}
          />
        </form>
      </details>
      {[...new Set(notes)].map((note) => (
        <Remark key={note} text={note} />
      ))}
    </>
  );
}
