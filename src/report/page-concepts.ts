import { percent, plural, short } from '../common/format.ts';
import type { AnalysedLayer, ConceptEdge, ConceptReport, MeanEstimate } from '../concepts/index.ts';
import type { PageBlock, PagePicture, PageTable } from './page-blocks.ts';
import { type ReportSection, reportPage } from './page-report.ts';

/** Sheets by the names that the report has for them. */
export type SheetPictures = ReadonlyMap<string, PagePicture>;

/** A report on concepts as one HTML document that opens offline. */
export function conceptsPage(report: ConceptReport, sheets: SheetPictures, footer: string): string {
  const { model, data, layers, photos, edges, findings, limits, settings, rules, versions } = report;
  const picture = (name: string | undefined): PageBlock[] => {
    const found = name === undefined ? undefined : sheets.get(name);
    return found ? [{ kind: 'picture', picture: found }] : [];
  };
  const sections: ReportSection[] = [
    {
      title: 'What this shows',
      blocks: [{ kind: 'findings', findings: findings.map((text) => ({ text })) }],
    },
    ...photos.map(
      (photo): ReportSection => ({
        title: `${photo.photo}: ${photo.target}`,
        short: photo.photo,
        text: `The explained score is ${short(photo.score)}. Each row is a channel that carried part of it, beside the photos of the set in which it carried most.`,
        blocks: [
          ...photo.layers.flatMap(({ sheet }) => picture(sheet)),
          ...picture(photo.graph),
          ...(photo.edges.length > 0
            ? [edgeTable(photo.edges, 'Which lower channels feed which, in this photo')]
            : []),
        ],
      }),
    ),
    ...layers.map(
      (layer): ReportSection => ({
        title: `Channels of ${layer.name}`,
        short: layer.name,
        text: `${plural(layer.channels, 'channel')} of ${layer.grid.join('×')} positions. Those that carried most over all photos, in their order.`,
        blocks: [...picture(layer.sheet), channelTable(layer), ...classTable(layer)],
      }),
    ),
    ...(edges.length > 0
      ? [
          {
            title: 'Which channel feeds which',
            short: 'Feeding',
            text: 'How the relevance of an upper channel is shared among the channels of the layer below it: means over the reference photos of the upper one.',
            blocks: [
              ...picture(report.graph),
              edgeTable(edges, 'The lower channels that carry most of each upper one'),
            ],
          },
        ]
      : []),
    { title: 'What this does not show', short: 'Limits', blocks: [{ kind: 'list', items: limits }] },
    {
      title: 'How it was made',
      short: 'Origin',
      blocks: [
        {
          kind: 'facts',
          sheets: [
            {
              title: 'Model and data',
              facts: [
                ['network', model.network],
                ['model file', model.file],
                ['its SHA-256', model.sha256],
                ['output', model.head],
                ['data', `${data.source} (${plural(data.photos, 'photo')})`],
                [
                  'left out',
                  data.skipped.map(({ photo, error }) => `${photo} (${error})`).join(', ') || 'none',
                ],
              ],
            },
            {
              title: 'Settings',
              facts: [
                ...Object.entries(settings).map(([key, value]): [string, string] => [key, String(value)]),
                ['rules', rules],
                ...Object.entries(versions),
              ],
            },
          ],
        },
      ],
    },
  ];
  return reportPage({
    title: `Concepts of ${model.network}`,
    lead: `Which channels carry the decisions of ${model.file} over ${plural(data.photos, 'photo')}, and what they may stand for.`,
    sections,
    footer,
  });
}

const meanCell = ({ mean, low, high }: MeanEstimate, text: (value: number) => string) => ({
  text: text(mean),
  sort: mean,
  ...(low !== undefined && high !== undefined && { note: `${text(low)} to ${text(high)}` }),
});

function channelTable({ name, concepts }: AnalysedLayer): PageBlock {
  const table: PageTable = {
    caption: `Channels of ${name}: means over all photos, with 95 % intervals`,
    columns: [
      { title: 'channel' },
      { title: 'share of the relevance', align: 'right' },
      { title: 'largest activation', align: 'right' },
    ],
    rows: concepts.map(({ channel, share, activation }) => [
      `${channel}`,
      meanCell(share, percent),
      meanCell(activation, short),
    ]),
  };
  return { kind: 'table', table };
}

function classTable({ name, classes }: AnalysedLayer): PageBlock[] {
  if (classes.length < 2) return [];
  const table: PageTable = {
    caption: `What carries each class at ${name}: the channels with the largest mean shares`,
    columns: [{ title: 'class' }, { title: 'photos', align: 'right' }, { title: 'channels' }],
    rows: classes.map((each) => [
      each.name,
      { text: `${each.photos}`, sort: each.photos },
      each.channels.map(({ channel, share }) => `${channel} (${percent(share)})`).join(', '),
    ]),
  };
  return [{ kind: 'table', table }];
}

function edgeTable(edges: readonly ConceptEdge[], caption: string): PageBlock {
  return {
    kind: 'table',
    table: {
      caption,
      columns: [{ title: 'upper channel' }, { title: 'lower channel' }, { title: 'share', align: 'right' }],
      rows: edges.map(({ upper, lower, share }) => [
        `${upper.layer}, ${upper.channel}`,
        `${lower.layer}, ${lower.channel}`,
        { text: percent(share), sort: share },
      ]),
    },
  };
}
