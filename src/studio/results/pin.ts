import { count, percent, short } from '../../common/format.ts';
import { colormap, overlay, renderHeatmap } from '../../image/index.ts';
import { ownLimit } from '../explain/limits.ts';
import { keptPictures } from '../explain/pictures.ts';
import { picturesInRows } from '../parts/picturerows.ts';
import { chartPicture, type KeptPicture, pictureUrl, type SeenFinding } from '../parts/pin.tsx';
import type { ShownResult } from '../protocol/index.ts';
import { askWorker, knownAnswer } from '../state/asked.ts';
import { compareCommandText } from '../state/commands.ts';
import type { StudioFile } from '../state/files.ts';
import { addressOfPhoto } from '../state/pictures.ts';
import { verbProgramText } from '../state/programs.ts';
import { requestOf } from '../state/request.ts';
import { resultsView } from '../state/results.ts';
import { view } from '../state/view.ts';
import { meanRequest } from './mean.tsx';
import { columnOfResult } from './photo.tsx';

/** So many of the photos that are shown are kept as small pictures. */
const mostSmall = 12;

/** What of the page belongs to a result. */
interface ResultNow {
  readonly shown: ShownResult;
  readonly folder: string;
  /** The photos that are chosen, in their order. */
  readonly places: readonly number[];
  /** The one that is shown large. */
  readonly large: number | undefined;
  /** The network, if it is here. */
  readonly model: string | undefined;
  /** Photos of whom the mean heatmap is shown. */
  readonly meanOf: readonly string[] | undefined;
  fileOf(place: number): StudioFile | undefined;
}

/** What the notebook keeps of a result: its measures and their charts, which photos are shown, and what was looked at of them. */
export async function seenOfResult(now: ResultNow): Promise<SeenFinding> {
  const {
    shown: { info, measures, answers },
    places,
    folder,
  } = now;
  const { filter, groupBy } = resultsView.value;
  const called = (index: number) => info.model.head.labels?.[index] ?? `class ${index}`;
  const chosen = [
    ...(filter.truth === undefined ? [] : [`of ${called(filter.truth)}`]),
    ...(filter.predicted === undefined ? [] : [`taken for ${called(filter.predicted)}`]),
    ...(filter.outcome === 'all' ? [] : [filter.outcome]),
    ...(filter.from === undefined
      ? []
      : [`confidence ${percent(filter.from)} to ${percent(filter.to ?? 1)}`]),
    ...Object.entries(filter.groups).map(([column, value]) => `${column} ${value}`),
  ].join(', ');
  const request = { results: [folder], groupBy: groupBy === undefined ? [] : [groupBy] };
  return {
    title: `${info.name} on ${info.data.source}${chosen && `: ${chosen}`}`,
    facts: [
      ['photos', `${count(places.length)} of ${count(answers.images.length)}`],
      ...(measures.kind === 'classes'
        ? ([['accuracy', percent(measures.accuracy)]] as const)
        : ([['mean absolute error', short(measures.mae)]] as const)),
      [
        'first of them',
        places
          .slice(0, 5)
          .map((place) => answers.images[place])
          .join(', '),
      ],
      ['network', `${info.model.file}, SHA-256 ${info.model.sha256}`],
      ['data', `SHA-256 ${info.data.sha256}`],
    ],
    pictures: await picturesOf(now),
    command: compareCommandText(request),
    program: verbProgramText('compare', { ...request, output: 'compared' }),
  };
}

/** Charts of the measures, the first photos as they are shown, the one that is shown large with why, and the mean heatmap. */
async function picturesOf(now: ResultNow): Promise<readonly KeptPicture[]> {
  const { folder, places, large, model, meanOf, fileOf, shown } = now;
  const charts = await askWorker('resultCharts', { folder }, { text: 'drawing charts' });
  const first = places.slice(0, mostSmall).flatMap((place) => smallPicture(now, fileOf(place)) ?? []);
  const file = large === undefined ? undefined : fileOf(large);
  const whys =
    file && model !== undefined && large !== undefined
      ? ['predicted', String(shown.answers.truth[large])].flatMap(
          (target) =>
            knownAnswer('explain', requestOf(columnOfResult(shown, model, target), file.path, 'sum')) ?? [],
        )
      : [];
  const averaged =
    meanOf && model !== undefined ? meanRequest(columnOfResult(shown, model), meanOf) : undefined;
  const mean = averaged && knownAnswer('mean', averaged);
  const { colors, percentile } = view.value.drawing;
  return [
    ...(await Promise.all(charts.map(({ svg, alt }) => chartPicture(svg, alt)))),
    ...(first.length > 0 ? [await picturesInRows(first, `the first ${first.length} of these photos`)] : []),
    ...(file && whys.length === 0 ? [await picturesInRows([addressOfPhoto(file)], file.path)] : []),
    ...(file ? whys.flatMap((why, i) => keptPictures(why, file.path).slice(i === 0 ? 0 : 1)) : []),
    ...(mean
      ? [
          {
            source: pictureUrl(renderHeatmap(mean.map, colormap(colors), ownLimit(mean.map, percentile))),
            alt: `mean of ${mean.photos} heatmaps`,
          },
        ]
      : []),
  ];
}

/** A photo as its thumbnail is: a heatmap where these are shown and it is there, else the photo. */
function smallPicture({ shown, model }: ResultNow, file: StudioFile | undefined) {
  if (!file) return undefined;
  const why =
    resultsView.value.heatmaps && model !== undefined
      ? knownAnswer('explain', requestOf(columnOfResult(shown, model), file.path, 'sum'))
      : undefined;
  if (!why) return addressOfPhoto(file);
  const { colors, percentile, opacity } = view.value.drawing;
  return overlay(why.view, why.map, colormap(colors), { limit: ownLimit(why.map, percentile), opacity });
}
