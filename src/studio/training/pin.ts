import { short, valueText } from '../../common/format.ts';
import type { ProgressRow } from '../../report/index.ts';
import { keptPictures } from '../explain/pictures.ts';
import { chartPicture, type SeenFinding } from '../parts/pin.tsx';
import type { SnapshotHeatAsk } from '../protocol/index.ts';
import { askWorker, knownAnswer } from '../state/asked.ts';
import { snapshotCommandText } from '../state/commands.ts';
import { pathWithHash } from '../state/link.ts';
import { snapshotProgramText } from '../state/programs.ts';
import { type FollowedClass, followedHead, followedValue, type SaidBySnapshot, shortNames } from './said.ts';

/** Pixels that the chart is wide in a notebook. */
const chartWidth = 640;

/** What the notebook keeps of pinned photos: how the answers went, and the heatmap that is chosen. */
export async function seenOfAnswers({
  runs,
  photos,
  said,
  followed,
  rows,
  heat,
}: {
  readonly runs: readonly string[];
  readonly photos: readonly string[];
  readonly said: readonly SaidBySnapshot[];
  readonly followed: readonly (FollowedClass | undefined)[];
  readonly rows: readonly ProgressRow[];
  readonly heat: SnapshotHeatAsk | undefined;
}): Promise<SeenFinding> {
  const ordered = said.toSorted((a, b) => a.iteration - b.iteration);
  const svg = await askWorker(
    'answerCurves',
    { rows, width: chartWidth, paper: true },
    { text: 'drawing answers' },
  );
  const names = shortNames(photos);
  const value = ({ photos: all }: SaidBySnapshot, place: number): string => {
    const amount = followedValue(all[place], followed[place]);
    const head = followedHead(all[place])?.[1];
    return amount === undefined
      ? 'not known'
      : head?.kind === 'classes'
        ? valueText(amount, head.probabilities)
        : short(amount);
  };
  const shown = heat && knownAnswer('snapshotHeat', heat);
  return {
    title: `Photos during the training of ${runs.join(', ')}`,
    facts: [
      ...runs.flatMap((run) => {
        const own = ordered.filter((each) => each.run === run);
        const [first, last] = [own[0], own[own.length - 1]];
        if (!first) return [];
        return names.map((name, place) => {
          const label = followed[place]?.label;
          const what = [
            ...(runs.length > 1 ? [run] : []),
            name,
            ...(label === undefined ? [] : [label]),
          ].join(', ');
          return [
            what,
            `${value(first, place)} at iteration ${first.iteration}, ${value(last, place)} at ${last.iteration}`,
          ] as const;
        });
      }),
      ...(await Promise.all(photos.map(async (photo) => ['photo', await pathWithHash(photo)] as const))),
      ...(heat ? [['snapshot', await pathWithHash(heat.plan.caffemodel)] as const] : []),
    ],
    pictures: [
      await chartPicture(svg, 'what snapshots answer'),
      ...(shown && heat ? keptPictures(shown, heat.photo) : []),
    ],
    ...(heat && { command: snapshotCommandText(heat), program: snapshotProgramText(heat) }),
  };
}
