import { fail } from '../../common/error.ts';
import { checkToolboxTypes, isSize, type ToolboxLayer, toolboxForms, toolboxLayer } from './layer.ts';

/**
 * The layers of a network as the LRP Toolbox writes them as text. A layer is a line with its type and whole numbers; `Linear`
 * (inputs, outputs) and `Convolution` (height, width, channels, filters, steps) have weights and biases on the lines behind it,
 * the last axis fastest, in one line each or, as older versions wrote, in as many as there are rows. Errors name the line: types
 * that are not known, all of them; numbers that are missing, too many, or not finite.
 */
export function parseToolboxText(text: string, file: string): ToolboxLayer[] {
  const lines = text.split(/\r?\n/);
  const types = lines.flatMap((line, i) =>
    isLayer(line) ? [{ type: wordsOf(line)[0], place: `line ${i + 1}` }] : [],
  );
  checkToolboxTypes(types, file);
  const layers: ToolboxLayer[] = [];
  for (let i = 0; i < lines.length; ) {
    const [type, ...given] = wordsOf(lines[i]);
    i++;
    if (type === undefined) continue;
    const where = `${file}: line ${i}`;
    if (!isLayer(lines[i - 1])) fail(where, `'${type}' before any layer`, 'begin with the type of a layer');
    const sizes = sizesOf(type, given, where);
    const numbers: number[] = [];
    for (; i < lines.length && !isLayer(lines[i]); i++)
      for (const word of wordsOf(lines[i])) numbers.push(numberIn(word, `${file}: line ${i + 1}`));
    layers.push(toolboxLayer(type, sizes, numbers, where));
  }
  return layers;
}

const wordsOf = (line: string): string[] => line.split(/\s+/).filter(Boolean);

/** NumPy 2 calls a number by its type: `np.float64(0.5)`. */
const isLayer = (line: string): boolean => /^\s*(?!np\.|nan\b|inf\b)[a-z]/i.test(line);

function numberIn(word: string, where: string): number {
  const bare = word.replace(/^np\.float\d+\((.*)\)$/, '$1');
  const value = /^[-+.\d]/.test(bare) ? Math.fround(Number(bare)) : Number.NaN;
  return Number.isFinite(value) ? value : fail(where, `'${word}' is no finite number`);
}

function sizesOf(type: string, given: readonly string[], where: string): number[] {
  const wanted = toolboxForms[type].sizes;
  const sizes = given.map(Number);
  if (sizes.length !== wanted.length || !sizes.every(isSize))
    fail(where, `'${[type, ...given].join(' ')}'`, `it is written ${[type, ...wanted].join(' ')}`);
  return sizes;
}
