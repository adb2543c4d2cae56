import { bytes, count, scaled, shapeText } from '../../common/format.ts';
import type { FaceCut } from '../../graph/index.ts';
import type { Cost } from '../../operators/index.ts';
import type { ImportResult } from '../../verbs/import/index.ts';
import type { InspectedLayer, InspectResult } from '../../verbs/inspect/index.ts';
import type { PreprocessingRecord } from '../../verbs/model.ts';
import { print, printJson } from '../output.ts';
import { table } from '../table.ts';

/** Preprocessing as people read it, in the order in which it is done. */
function preprocessingText(how: PreprocessingRecord): string {
  const { resize, crop, channels, mean, scale, std } = how;
  const steps = [
    resize &&
      `resize to ${resize.height}×${resize.width} (${[resize.mode, resize.filter].filter(Boolean).join(', ')})`,
    crop && `crop ${crop.height}×${crop.width}`,
    channels,
    mean && `minus ${'image' in mean ? `a mean image ${shapeText(mean.image)}` : `(${mean.join(', ')})`}`,
    scale !== undefined && `times ${Number(scale.toPrecision(6))}`,
    std && `divided by (${std.join(', ')})`,
  ];
  return steps.filter(Boolean).join(', ');
}

/** How faces were cut out, as people read it. */
function facesText({ align, margin }: FaceCut): string {
  const ways = { similarity: 'aligned', rotation: 'turned upright', none: "the detector's box" } as const;
  return `${ways[align]}, ${margin === 0 ? 'no border' : `border ${margin}`}`;
}

/** Says what an import made: on a few lines, or as the document that scripts read. */
export function printImported(imported: ImportResult, json: boolean): void {
  const { output, files, bytes: size, name, nodes, parameters } = imported;
  if (json) printJson({ output, files, bytes: size, name, nodes, parameters });
  else print(importedText(imported));
}

function importedText({
  files,
  name,
  bytes: size,
  parameters,
  heads,
  preprocessing,
  faces,
}: ImportResult): string {
  const outputs = heads.map(({ name: head, labels }) =>
    labels ? `${head} (${count(labels.length)} labels)` : head,
  );
  return [
    `${files.join(', ')}: ${name}, ${bytes(size)}, ${count(parameters)} parameters\n`,
    `outputs: ${outputs.join(', ') || 'none that limn knows the meaning of'}\n`,
    preprocessing ? `photos: ${preprocessingText(preprocessing)}\n` : '',
    faces ? `faces: ${facesText(faces)}\n` : '',
  ].join('');
}

/** All that is known of a model: facts, its layers as a table, their sum. `all`: blocks that repeat, too, in full. */
export function inspectedText(inspected: InspectResult, all = false): string {
  const { layers, total, composite } = inspected;
  const listed = table(
    [
      { title: '#', align: 'right' },
      { title: 'layer' },
      { title: 'type' },
      { title: 'output' },
      { title: 'parameters', align: 'right' },
      { title: 'multiply-adds', align: 'right' },
      ...(composite ? [{ title: composite }] : []),
    ],
    all ? layers.map(layerRow) : foldedRows(inspected),
  );
  const sums =
    `${count(total.layers)} layers, ${count(total.parameters)} parameters, ` +
    `${scaled(total.multiplyAdds)} multiply-adds per image`;
  return `${factsText(inspected)}\n${listed}\n${sums}\n${numbersText(inspected)}`;
}

/** Why numbers of layers are left out or come twice; nothing where they do not. */
function numbersText({ layers, total }: InspectResult): string {
  const numbers = layers.flatMap(({ index }) => index ?? []);
  const distinct = new Set(numbers).size;
  const split =
    distinct < total.layers && 'a number left out is that of a split, where several layers take one value';
  const shared = distinct < numbers.length && 'operations that were one layer share its number';
  const why = [split, shared].filter(Boolean);
  return why.length > 0 ? `numbers are those that --up-to counts, as Caffe does: ${why.join('; ')}\n` : '';
}

/** So many layers that only move values, one behind the other, have one row. */
const fewestMoves = 2;

/** Rows of layers; those that only move values have one together. */
function layerRows(layers: readonly InspectedLayer[]): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < layers.length; ) {
    const end = endOfMoves(layers, at);
    if (end - at < fewestMoves) rows.push(layerRow(layers[at++]));
    else {
      rows.push(movesRow(layers.slice(at, end)));
      at = end;
    }
  }
  return rows;
}

/** Behind the last of the layers from `start` on that move values and have one rule; `start` where there are none. */
function endOfMoves(layers: readonly InspectedLayer[], start: number): number {
  const { rule } = layers[start];
  let end = start;
  while (end < layers.length && layers[end].moves && layers[end].rule === rule && !layers[end].parameters)
    end++;
  return end;
}

/** Layers that move values: the first and last number, the last name and shape, and of which types they are. */
function movesRow(moves: readonly InspectedLayer[]): string[] {
  const last = moves[moves.length - 1];
  const numbers = moves.flatMap(({ index }) => index ?? []);
  const types = [...new Set(moves.map(({ type }) => type))];
  return [
    numbers.length > 0 ? `${Math.min(...numbers)}–${Math.max(...numbers)}` : '',
    last.name,
    `${moves.length} × ${types.length > 2 ? 'moving' : types.join(', ')}`,
    shapeText(last.output),
    ...costCells({ parameters: 0, multiplyAdds: 0 }),
    last.rule ?? '',
  ];
}

function layerRow({ index, name, type, output, form, rule, ...cost }: InspectedLayer): string[] {
  return [
    index === null ? '' : String(index),
    name,
    form ? `${type} (${form})` : type,
    shapeText(output),
    ...costCells(cost),
    rule ?? '',
  ];
}

const costCells = ({ parameters, multiplyAdds }: Cost): string[] => [
  parameters ? count(parameters) : '',
  multiplyAdds ? scaled(multiplyAdds) : '',
];

/** Blocks that repeat once, what moves values in few rows, and a row that says how often, with what the others have. */
function foldedRows({ layers, blocks }: InspectResult): string[][] {
  const rows: string[][] = [];
  let at = 0;
  for (const { start, length, times } of blocks) {
    const end = start + length * times;
    const others = layers.slice(start + length, end);
    const sumOf = (kind: keyof Cost) => others.reduce((sum, layer) => sum + layer[kind], 0);
    rows.push(...layerRows(layers.slice(at, start + length)));
    const what = length === 1 ? 'that layer' : `those ${length} layers`;
    const costs = { parameters: sumOf('parameters'), multiplyAdds: sumOf('multiplyAdds') };
    rows.push([
      '',
      `×${times}: ${what} again, up to ${layers[end - 1].name}`,
      '',
      '',
      ...costCells(costs),
      '',
    ]);
    at = end;
  }
  return [...rows, ...layerRows(layers.slice(at))];
}

function factsText(inspected: InspectResult): string {
  const { name, file, inputs, outputs, heads, preprocessing, faces, obstacle, provenance } = inspected;
  const rows = [
    ['network', name],
    ['file', `${file.path}, ${bytes(file.bytes)}, sha256 ${file.sha256.slice(0, 16)}…`],
    ...(file.beside.length > 0 ? [['weights', `beside it, in ${file.beside.join(', ')}`]] : []),
    ...inputs.map((input) => ['input', `${input.name}: ${input.type} ${shapeText(input.shape)}`]),
    ...outputs.map((output) => [
      'output',
      `${output.name}: ${headText(output.name, heads)}${shapeText(output.shape)}`,
    ]),
    ...(preprocessing ? [['preprocessing', preprocessingText(preprocessing)]] : []),
    ...(faces ? [['faces', facesText(faces)]] : []),
    ...(obstacle ? [['explained', `not: ${obstacle}`]] : []),
    ...Object.entries(provenance),
  ];
  return table([{ title: '' }, { title: '' }], rows);
}

/** What an output means, before its shape. */
function headText(name: string, heads: InspectResult['heads']): string {
  const head = heads.find(({ output }) => output === name);
  if (!head) return '';
  const labels = head.labels ? ` (${preview(head.labels)})` : '';
  return `${head.name === name ? '' : `${head.name}, `}${head.kind === 'classes' ? `classes${labels}` : 'a number'}, `;
}

function preview(labels: readonly string[]): string {
  const few = labels.slice(0, 4).map((label) => label.split(',')[0]);
  return few.join(' · ') + (labels.length > 4 ? ` · … ${count(labels.length)} in all` : '');
}
