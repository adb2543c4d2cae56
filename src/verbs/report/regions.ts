import { readText } from '../../common/files.ts';
import { plural } from '../../common/format.ts';
import {
  chartBlocks,
  type PageBlock,
  type PageCell,
  type PageTable,
  type ReportSection,
} from '../../report/index.ts';
import { interval, pText, signed, withUnit } from '../../report/numbers.ts';
import type { Host } from '../host.ts';
import { sharesChart } from '../regions/figure.ts';
import { anyTold } from '../regions/findings.ts';
import { LOOK_MEASURES } from '../regions/looks.ts';
import { MEANS_PICTURE, parseRegions, REGIONS_FILE, REGIONS_PICTURE } from '../regions/record.ts';
import type { LookContrast, LookEstimate, LookLikeness } from '../regions/statistics.ts';
import { figurePicture } from './pictures.ts';

/** What a page of regions shows besides numbers. */
interface RegionsPage {
  /** Tells it from others in the page. */
  readonly number: number;
  /** Whether photos are shown. */
  readonly photos: boolean;
  readonly photosBy: string | undefined;
}

/** Where models look in faces, as `regions` wrote it into a folder, as a section of a page. Errors: it wrote none there. */
export async function regionsSection(
  folder: string,
  { number, photos, photosBy }: RegionsPage,
  host: Host,
): Promise<ReportSection> {
  const { files } = host;
  const path = files.join(folder, REGIONS_FILE);
  const result = parseRegions(await readText(files, path, 'the record of regions'), path);
  const { title, models, estimates, contrasts, likeness, findings, pairs, without } = result;
  const names = models.map(({ name }) => name);
  const charts = sharesChart(estimates, names).map((each) => ({ ...each, name: `${each.name}-${number}` }));
  const ofAll = estimates.filter(({ target }) => target === undefined);
  const ofClasses = estimates.filter(({ target }) => target !== undefined);
  const classes = new Set(ofClasses.map(({ target }) => target));
  const blocks: PageBlock[] = [
    ...(findings.length > 0
      ? [
          {
            kind: 'findings' as const,
            findings: findings.map((text) => ({ text, significant: anyTold(contrasts, pairs) })),
          },
        ]
      : []),
    ...(await chartBlocks(charts)),
    tableBlock(shareTable(ofAll)),
    ...(contrasts.length > 0 ? [tableBlock(contrastTable(contrasts))] : []),
    ...(likeness.length > 0 ? [tableBlock(likenessTable(likeness))] : []),
    ...(classes.size > 1 ? [tableBlock(shareTable(ofClasses))] : []),
  ];
  const pictures = [
    {
      file: MEANS_PICTURE,
      alt: `Mean heatmaps: ${names.join(', ')}`,
      caption: 'Mean heatmaps, faces upon each other.',
    },
    ...(photos
      ? [
          {
            file: REGIONS_PICTURE,
            alt: 'Photos with the regions of faces',
            caption: `The regions on photos: look whether they are where they should be.${photosBy ? ` Photos: ${photosBy}.` : ''}`,
          },
        ]
      : []),
  ];
  for (const { file, alt, caption } of pictures)
    blocks.push({
      kind: 'picture',
      picture: await figurePicture(files.join(folder, file), { alt, caption }, host),
    });
  const about = title === undefined ? '' : `: ${title}`;
  const left =
    without.length > 0 ? `; ${plural(without.length, 'photo')} left out, above all for want of a face` : '';
  return {
    title: `Where in faces the models look${about}`,
    short: `Regions${about}`,
    text: `Shares of relevance, of the sum of |R|, in ${plural(result.photos, 'photo')}${left}. They say where relevance is, not whether it is true.`,
    blocks,
  };
}

const tableBlock = (table: PageTable): PageBlock => ({ kind: 'table', table });

const right = (title: string) => ({ title, align: 'right' as const });

/** Means of all measures, a row for each model, or each model and class. */
function shareTable(estimates: readonly LookEstimate[]): PageTable {
  const rows = new Map<string, LookEstimate[]>();
  for (const each of estimates) {
    const key = JSON.stringify([each.model, each.target]);
    rows.set(key, [...(rows.get(key) ?? []), each]);
  }
  const byClass = estimates.some(({ target }) => target !== undefined);
  return {
    caption: byClass ? 'Shares by explained class' : 'Shares by region, with 95 % intervals',
    columns: [
      { title: 'model' },
      ...(byClass ? [{ title: 'class' }] : []),
      ...[...LOOK_MEASURES, 'photos'].map(right),
    ],
    rows: [...rows.values()].map((own) => {
      const [{ model, target, n }] = own;
      return [
        model,
        ...(target === undefined ? [] : [target]),
        ...LOOK_MEASURES.map((measure) => meanCell(own.find((each) => each.measure === measure))),
        { text: String(n), sort: n },
      ];
    }),
    notes: [
      'Face: all but the background. Extent: over how much of the picture relevance is spread, the exponential of its entropy as a share of the pixels.',
    ],
  };
}

const meanCell = (estimate: LookEstimate | undefined): PageCell =>
  estimate
    ? { text: withUnit(estimate.mean, 'share'), sort: estimate.mean, note: interval(estimate, 'share') }
    : { text: '–' };

function contrastTable(contrasts: readonly LookContrast[]): PageTable {
  return {
    caption: 'What difference each factor makes, between models that are alike in all others',
    columns: [
      { title: 'factor' },
      { title: 'values' },
      { title: 'share' },
      ...['difference', 'adjusted p', 'models', 'photos'].map(right),
    ],
    rows: contrasts.map((each) => [
      each.factor,
      `${each.first || 'none'} − ${each.second || 'none'}`,
      each.measure,
      { text: signed(each.difference, 'share'), sort: each.difference, note: interval(each, 'share') },
      { text: pText(each.adjusted), sort: each.adjusted },
      { text: String(each.models), sort: each.models },
      { text: String(each.n), sort: each.n },
    ]),
    notes: [
      'Percentage points, with 95 % intervals; sign-flip tests over photos, adjusted by Holm for all rows.',
    ],
  };
}

function likenessTable(likeness: readonly LookLikeness[]): PageTable {
  const cell = (mean: LookLikeness['rankCorrelation']): PageCell => ({
    text: withUnit(mean.mean, 'number'),
    sort: mean.mean,
    note: interval(mean, 'number'),
  });
  return {
    caption: 'How alike heatmaps of two models are, faces upon each other',
    columns: [{ title: 'model' }, { title: 'other' }, right('rank correlation'), right('SSIM')],
    rows: likeness.map(({ first, second, rankCorrelation, structuralSimilarity }) => [
      first,
      second,
      cell(rankCorrelation),
      cell(structuralSimilarity),
    ]),
  };
}
