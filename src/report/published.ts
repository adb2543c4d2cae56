/** A published value: accuracy and, for age, one-off accuracy, both in per cent. */
export interface PublishedValue {
  readonly accuracy: number;
  readonly oneOff?: number;
}

/** One row of the published tables: a preprocessing (i, r, m) with an initialisation ('', n, w), by architecture. */
export interface PublishedRow {
  readonly preprocessing: string;
  readonly initialisation: string;
  readonly values: Readonly<Record<string, PublishedValue>>;
}

/** The published tables' columns, in their order. */
export const PUBLISHED_ARCHITECTURES = ['AdienceNet', 'CaffeNet', 'GoogleNet', 'VGG16'] as const;

type Cells = readonly (readonly [accuracy: number, oneOff?: number] | undefined)[];

function row(preprocessing: string, initialisation: string, cells: Cells): PublishedRow {
  const values: Record<string, PublishedValue> = {};
  cells.forEach((cell, i) => {
    if (!cell) return;
    const [accuracy, oneOff] = cell;
    values[PUBLISHED_ARCHITECTURES[i]] = { accuracy, ...(oneOff !== undefined && { oneOff }) };
  });
  return { preprocessing, initialisation, values };
}

const none = undefined;

/**
 * What "Understanding and Comparing Deep Neural Networks for Age and Gender Classification" (ICCV-W 2017) reports on
 * Adience, with ten crops, as means over five folds; and the earlier result that it compares with (Levi and Hassner
 * 2015, "Age and gender classification using convolutional neural networks").
 */
export const PUBLISHED: Readonly<
  Record<string, { readonly rows: readonly PublishedRow[]; readonly earlier: PublishedValue }>
> = {
  age: {
    rows: [
      row('i', '', [
        [51.4, 87.0],
        [52.5, 87.9],
        [54.4, 89.3],
      ]),
      row('r', '', [
        [51.9, 87.4],
        [52.6, 89.0],
        [54.4, 90.0],
      ]),
      row('m', '', [
        [53.6, 88.4],
        [54.4, 89.7],
        [56.5, 90.8],
      ]),
      row('i', 'n', [none, [51.7, 87.6], [56.6, 91.0], [53.8, 88.2]]),
      row('r', 'n', [none, [52.2, 87.1], [57.5, 92.0]]),
      row('m', 'n', [none, [53.0, 88.4], [58.8, 92.7], [56.5, 90.0]]),
      row('i', 'w', [none, none, none, [60.2, 94.2]]),
      row('m', 'w', [none, none, none, [63.0, 96.0]]),
    ],
    earlier: { accuracy: 50.7, oneOff: 84.7 },
  },
  gender: {
    rows: [
      row('i', '', [[88.1], [87.7], [88.2]]),
      row('r', '', [[88.3], [88.0], [89.3]]),
      row('m', '', [[89.0], [88.9], [89.7]]),
      row('i', 'n', [none, [90.0], [91.2], [92.0]]),
      row('r', 'n', [none, [90.7], [91.7]]),
      row('m', 'n', [none, [90.6], [92.0], [92.7]]),
      row('i', 'w', [none, none, none, [90.6]]),
      row('m', 'w', [none, none, none, [92.3]]),
    ],
    earlier: { accuracy: 86.8 },
  },
};

/** Results on Adience before the paper, which its charts hold networks against, as fractions, the least first. */
export const earlierResults = (target: string): readonly { readonly who: string; readonly value: number }[] =>
  earlier[target] ?? [];

/** What is said of dashed lines for them, after a caption's other words; nothing where there are none. */
export function earlierWords(target: string): string {
  const named = earlierResults(target).map(({ who, value }) => `${who} (${(100 * value).toFixed(1)} %)`);
  return named.length > 0 ? `; dashed: ${named.join(', ')}` : '';
}

const earlier: Readonly<Record<string, readonly { readonly who: string; readonly value: number }[]>> = {
  age: [
    { who: 'Levi & Hassner 2015', value: 0.507 },
    { who: 'Rothe et al. 2016', value: 0.64 },
  ],
  gender: [
    { who: 'Levi & Hassner 2015', value: 0.868 },
    { who: 'Dehghan et al. 2017', value: 0.91 },
  ],
};

/** The published name of an architecture however it is written: `GoogLeNet`, `vgg-16`; undefined for others. */
export function publishedArchitecture(name: string): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  return PUBLISHED_ARCHITECTURES.find((known) => plain(known) === plain(name));
}

/** What was published for a target at a place in the tables, if anything. */
export function publishedValue(
  target: string,
  place: Readonly<Record<string, string>>,
): PublishedValue | undefined {
  const architecture = publishedArchitecture(place.architecture ?? '');
  const found = Object.hasOwn(PUBLISHED, target)
    ? PUBLISHED[target].rows.find(
        ({ preprocessing, initialisation }) =>
          preprocessing === place.preprocessing && initialisation === (place.initialisation ?? ''),
      )
    : undefined;
  return architecture === undefined ? undefined : found?.values[architecture];
}
