import { count } from '../../common/format.ts';
import { Balance } from '../explain/answer.tsx';
import { WhyMap } from '../explain/photo.tsx';
import { Slider } from '../parts/controls.tsx';
import type { SnapshotHeatAsk } from '../protocol/index.ts';
import { knownAnswer, useAsked } from '../state/asked.ts';
import { fileNameOf } from '../state/folder.ts';
import { showTraining, trainingView } from '../state/training.ts';
import { planNow, type RunNow } from './now.ts';
import { type FollowedClass, followedHead, type SaidBySnapshot } from './said.ts';
import type { RunSnapshot } from './snapshots.ts';

/** The snapshot whose heatmap is chosen, with its run. */
function chosenSnapshot(
  runs: readonly RunNow[],
): { readonly now: RunNow; readonly snapshot: RunSnapshot } | undefined {
  const { at } = trainingView.value;
  for (const now of runs) {
    const snapshot = now.all.find(({ path }) => path === at?.snapshot);
    if (snapshot) return { now, snapshot };
  }
  return undefined;
}

/** Why a snapshot answers so: the heatmap that `heat` asks for, and a way along the others of its run. */
export function SnapshotHeat({
  runs,
  heat,
}: {
  readonly runs: readonly RunNow[];
  readonly heat: SnapshotHeatAsk | undefined;
}) {
  const { at } = trainingView.value;
  const asked = useAsked('snapshotHeat', heat, 'explaining the answer of a snapshot');
  const chosen = chosenSnapshot(runs);
  if (!at || !chosen) return null;
  const { now, snapshot } = chosen;
  const place = now.asked.findIndex(({ path }) => path === at.snapshot);
  return (
    <section class="pinned-heat" aria-label="why a snapshot answers so">
      <h3>
        {fileNameOf(at.photo)}{' '}
        <small>
          at iteration {count(snapshot.iteration)}
          {runs.length > 1 && ` of ${now.run}`}
        </small>
      </h3>
      {now.asked.length > 1 && place >= 0 && (
        <Slider
          label="Snapshot"
          value={place}
          least={0}
          most={now.asked.length - 1}
          step={1}
          text={`iteration ${count(snapshot.iteration)}`}
          onChange={(value) => showTraining({ at: { ...at, snapshot: now.asked[value].path } })}
        />
      )}
      <WhyMap asked={asked} />
      {asked.state === 'ready' && (
        <>
          <p class="hint">What speaks for {asked.answer.reading.target.name}, and what against it.</p>
          <Balance shown={asked.answer} />
        </>
      )}
    </section>
  );
}

/** What is asked for the heatmap that is chosen: for the class that is followed, whatever is answered. */
export function heatAsk(
  runs: readonly RunNow[],
  said: readonly SaidBySnapshot[],
  followed: readonly (FollowedClass | undefined)[],
): SnapshotHeatAsk | undefined {
  const { at, photos } = trainingView.value;
  const place = photos.indexOf(at?.photo ?? '');
  const chosen = chosenSnapshot(runs);
  const by = chosen?.now.request && knownAnswer('trainedBy', chosen.now.request);
  const [head] = said.flatMap((each) => followedHead(each.photos[place])?.[0] ?? []);
  if (!at || place < 0 || !chosen || !by || head === undefined) return undefined;
  const target = followed[place] === undefined ? 'predicted' : String(followed[place].index);
  return { plan: planNow(chosen.snapshot, chosen.now, by), photo: at.photo, target, head };
}
