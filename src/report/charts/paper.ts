import type { TopLevelSpec } from 'vega-lite';
import type { OutcomeInfo, TargetComparison } from '../../evaluation/comparison/index.ts';
import { earlierResults, PUBLISHED_ARCHITECTURES, publishedArchitecture } from '../published.ts';
import { entryValue, INITIALISATIONS, knownFirst, PREPROCESSINGS_IN_ORDER } from '../tables/paper.ts';
import { chrome, palette, percentAxis, sizes, theme } from './theme.ts';

const titles: Readonly<Record<string, string>> = {
  i: 'aligned (i)',
  r: 'rotated (r)',
  m: 'both (m)',
  '': 'from scratch (·)',
  n: 'ImageNet (n)',
  w: 'IMDB-WIKI (w)',
};

/** How high the name of an earlier result is, in pixels. */
const NAME = 13;

/**
 * The paper's chart of a target: a panel for each architecture and initialisation, a bar for each kind of faces that was trained on, with ± the
 * population standard deviation over folds; behind it one-off accuracy in grey, and upright lines for earlier results, named above the uppermost panels. Undefined where no result has
 * an architecture and a preprocessing, or what is measured is no share.
 */
export function paperChart({ target, entries, outcomes }: TargetComparison): TopLevelSpec | undefined {
  const [main] = outcomes as readonly [OutcomeInfo];
  const bars = entries.flatMap((entry) => {
    const { architecture, preprocessing, initialisation = '', test } = entry.place;
    if (architecture === undefined || preprocessing === undefined || test !== undefined) return [];
    const { main: value, oneOff, sd } = entryValue(entry, main);
    const panel = publishedArchitecture(architecture) ?? architecture;
    const deviation = sd?.[0];
    return [
      {
        panel,
        start: titles[initialisation] ?? initialisation,
        faces: titles[preprocessing] ?? preprocessing,
        value,
        ...(oneOff !== undefined && { oneOff }),
        ...(deviation !== undefined && { low: value - deviation, high: value + deviation }),
        text: written(value),
        hover: `${panel}, ${titles[initialisation] ?? initialisation}, ${titles[preprocessing] ?? preprocessing}: ${main.title} ${written(value)}${deviation === undefined ? '' : ` ± ${written(deviation)}`}${oneOff === undefined ? '' : `, one-off ${written(oneOff)}`}`,
      },
    ];
  });
  if (bars.length === 0 || main.kind !== 'share') return undefined;
  const lines = earlierResults(target);
  const columns = knownFirst(
    bars.map(({ panel }) => panel),
    PUBLISHED_ARCHITECTURES,
  );
  const rows = knownFirst(
    bars.map(({ start }) => start),
    INITIALISATIONS.map((each) => titles[each]),
  );
  const faces = knownFirst(
    bars.map((bar) => bar.faces),
    PREPROCESSINGS_IN_ORDER.map((each) => titles[each]),
  );
  // A panel without bars is a gap: without it, Vega moves the next one into its place.
  const gaps = columns.flatMap((panel) =>
    rows
      .filter((start) => !bars.some((bar) => bar.panel === panel && bar.start === start))
      .map((start) => ({ panel, start, faces: faces[0] })),
  );
  const isBar = [{ filter: 'isValid(datum.value)' }];
  const once = { aggregate: [{ op: 'count', as: 'bars' }], groupby: ['panel', 'start'] };
  const isPanel = [...isBar, once];
  const isNamed = [...isPanel, { filter: { field: 'start', equal: rows[0] } }];
  const y = {
    field: 'faces',
    type: 'nominal',
    sort: faces,
    title: null,
    axis: { labelColor: chrome.ink },
  } as const;
  const x = (field: string) => ({ field, type: 'quantitative' as const });
  const axis = { title: main.title, scale: { domain: [0, 1] }, axis: { ...percentAxis, tickCount: 3 } };
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    description: `${main.title} of ${target} by architecture, initialisation and preprocessing${bars.some(({ oneOff }) => oneOff !== undefined) ? '; one-off accuracy in grey' : ''}.`,
    config: theme,
    data: { values: [...bars, ...gaps] },
    facet: {
      column: { field: 'panel', type: 'nominal', sort: columns, title: null },
      row: {
        ...{ field: 'start', type: 'nominal', sort: rows, title: null },
        header: { labelAngle: 0, labelAlign: 'left' },
      },
    },
    spacing: 16,
    spec: {
      width: columns.length > 2 ? 150 : 260,
      height: { step: 24 },
      encoding: { y },
      layer: [
        ...lines.flatMap(({ who, value }, i) => [
          {
            mark: { type: 'rule' as const, color: chrome.muted, strokeDash: [3, 3], strokeWidth: 1 },
            transform: isPanel,
            encoding: { x: { datum: value }, y: { value: 0 }, y2: { value: 'height' as const } },
          },
          // Names stand left of their lines, the further right the higher: no line goes through another's name.
          {
            mark: { type: 'rule' as const, color: chrome.muted, strokeDash: [3, 3], strokeWidth: 1 },
            transform: isNamed,
            encoding: { x: { datum: value }, y: { value: -NAME * (i + 1) }, y2: { value: 0 } },
          },
          {
            mark: {
              type: 'text' as const,
              align: 'right' as const,
              dx: -4,
              fontSize: sizes.note,
              color: chrome.muted,
            },
            transform: isNamed,
            encoding: { x: { datum: value }, y: { value: -NAME * (i + 0.5) }, text: { datum: who } },
          },
        ]),
        {
          mark: { type: 'bar', color: chrome.muted, fillOpacity: 0.28, height: { band: 0.8 } },
          transform: [{ filter: 'isValid(datum.oneOff)' }],
          encoding: { x: { ...x('oneOff'), ...axis } },
        },
        {
          mark: { type: 'bar', fillOpacity: 0.75, aria: true, height: { band: 0.55 } },
          transform: isBar,
          encoding: {
            x: { ...x('value'), ...axis },
            description: { field: 'hover', type: 'nominal' },
            color: {
              ...{ field: 'faces', type: 'nominal', sort: faces, legend: null },
              scale: { domain: faces, range: palette.slice(0, faces.length) },
            },
          },
        },
        {
          mark: { type: 'rule', color: chrome.ink, strokeWidth: 1.4 },
          transform: [{ filter: 'isValid(datum.low)' }],
          encoding: { x: x('low'), x2: { field: 'high' } },
        },
        {
          mark: { type: 'text', align: 'left', dx: 5, fontSize: sizes.value, color: chrome.ink },
          transform: isBar,
          encoding: { x: { datum: 0 }, text: { field: 'text', type: 'nominal' } },
        },
      ],
    },
  } as TopLevelSpec;
}

const written = (value: number): string => `${(100 * value).toFixed(1)} %`;
