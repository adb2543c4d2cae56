import { type CompositeEntry, handlingName, type Match } from '../../src/relevance/composites/composite.ts';
import { composites, otherwise } from '../../src/relevance/composites/composites.ts';
import { compositePurposes } from '../../src/relevance/composites/purposes.ts';
import { formulaCodes, toolbox, type Variant } from '../../src/relevance/index.ts';
import { code, complete, page, table } from './markdown.ts';

const names: Readonly<Record<string, string>> = {
  convolution: 'convolutions',
  dense: 'dense layers',
  average: 'average pooling',
  affine: 'scale and shift',
  linear: 'other linear operations',
  activation: 'activations',
  max: 'max pooling',
  normalisation: 'LRN',
  standardisation: 'normalisation by statistics',
  sum: 'sums',
  product: 'products',
};

/** The reference of named composites and formula codes, from the composites themselves. */
export function compositesPage(): string {
  const named = complete('composites', Object.keys(composites), compositePurposes).map(([name, purpose]) => {
    const { entries } = composites[name]({}, []);
    return [code(name), purpose, entriesText(entries)];
  });
  const layer = 3;
  const rules = (number: number, variant: Variant) =>
    entriesText(toolbox(number, { variant, upTo: layer }).entries).replaceAll(
      `up to layer ${layer}`,
      'up to layer k',
    );
  const codes = [...formulaCodes].sort((a, b) => a - b);
  return page(
    'Composites and formula codes',
    'A composite says which rule is applied where. Its entries are tried in order; the first that fits decides. ' +
      'What the rules compute is in [rules](rules.md); how to choose is in [choose a composite](../how-to/choose-a-composite.md).',
    `Where the tables say nothing else: ${usual.join(' · ')}. Other linear operations (means over axes, products with ` +
      'several constants) get the ε rule. Movements, such as Concat and Reshape, carry relevance to where values came from.',
    '## Composites',
    'For `--composite NAME`, or `namedComposite(NAME, parameters)` in `limn/relevance`. The rules are shown with the ' +
      'default parameters. `iccv2017` has a faithful variant, that of formula 102; the others have none.',
    table(['name', 'what for', 'entries'], named),
    '## Formula codes',
    'For `--formula CODE`, or `toolbox(CODE, parameters)` in `limn/relevance`. These are the codes of the LRP Toolbox’s ' +
      'extension of Caffe. Defaults: ε = 0.1, β = 1, k = 0 (`--epsilon`, `--beta`, `--up-to`). Layers are counted as ' +
      '`limn inspect` numbers them. Corrected is the default, `--variant faithful` chooses the other; what differs and by ' +
      'how much is in [faithful and corrected](../explanation/faithful-and-corrected.md).',
    table(
      ['code', 'corrected', 'faithful'],
      codes.map((number) => [code(String(number)), rules(number, 'corrected'), rules(number, 'faithful')]),
    ),
    'Codes 11, 26, 99 and 166 are gradients, deconvnet and guided backprop. Code 99 is code 11 drawn in another way: as ' +
      'the L2 norm over the channels; its raw relevance is the same.',
  );
}

/** What most composites do where they say nothing else. */
const usual = entriesOf(otherwise()).filter((text) => !text.startsWith('other linear operations'));

/** The entries of a composite in words; what is usual is left out. */
const entriesText = (entries: readonly CompositeEntry[]): string =>
  entriesOf(entries)
    .filter((text) => !usual.includes(text) && !text.startsWith('other linear operations'))
    .join(' · ');

/** What only moves relevance is left out. */
function entriesOf(entries: readonly CompositeEntry[]): string[] {
  const shown = entries.filter(({ match }) => ![match.role ?? ''].flat().includes('movement'));
  return shown.map(({ match, handling }) => `${matchText(match)}: ${handlingName(handling)}`);
}

function matchText(match: Match): string {
  const kinds = [match.linear ?? match.op ?? match.role ?? 'everything else'].flat();
  const what = match.op ? 'rectifiers' : kinds.map((kind) => names[kind] ?? kind).join(' and ');
  const layers =
    match.upTo !== undefined
      ? ` up to layer ${match.upTo}`
      : match.from !== undefined
        ? ` from layer ${match.from} on`
        : '';
  const past = match.raw === false ? ' that no layer takes in' : '';
  return `${match.first ? 'layers that see the image' : what}${past}${layers}`;
}
