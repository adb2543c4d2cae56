import { plural, short, valueText } from '../../common/format.ts';
import type { Outputs } from '../../common/outputs.node.ts';
import type { Shard } from '../../common/shard.ts';
import { plain } from '../../common/words.ts';
import type { ClassifiedPhoto, ClassifyEvent, ClassifyRequest } from '../../verbs/classify/index.ts';
import type { PhotoRecord } from '../../verbs/explain/index.ts';
import { remarksOn } from '../../verbs/explain/remarks.ts';
import type { FacesEvent, FacesRequest, FacesResult, PhotoFaces } from '../../verbs/faces/index.ts';
import type { NoteEvent, ProgressEvent } from '../../verbs/verb.ts';
import { flagOf } from '../errors.ts';
import { follow, goesOnFromFirst, tellOf } from '../follow.ts';
import { print, printJson } from '../output.ts';
import { withStdin } from '../stdin.ts';
import { table } from '../table.ts';
import { printShard } from './shard.ts';

/* Photos are asked about and looked through: by a command, or as a unit. */

/** Says what is in photos, or writes a shard of the answers. */
export async function classifyAndPrint(
  { shard, output, ...request }: ClassifyRequest & { readonly shard?: Shard | undefined },
  outputs: Outputs,
  json = false,
): Promise<void> {
  const [{ classify, classifyDocument, classifyShard }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/classify/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const { photos, host } = withStdin(request.photos, nodeHostWith(outputs));
  const asked = { ...request, photos };
  const tell = ({ photo }: Exclude<ClassifyEvent, ProgressEvent>) =>
    tellOf(photo, (classified) => json || print(classifiedText(classified)));
  if (shard) {
    const part = { ...asked, shard, output: output ?? `classified-${shard.index}-of-${shard.of}` };
    return printShard(await follow((watch) => classifyShard(part, host, watch), tell), json);
  }
  const result = await follow((watch) => classify({ ...asked, output }, host, watch), tell);
  if (json) printJson(classifyDocument(result));
  else if (output !== undefined) print(`→ ${output}\n`);
}

/** Finds and cuts faces out, of all photos or of a shard; what was found, unless it was a shard. */
export async function facesAndPrint(
  { shard, ...request }: FacesRequest & { readonly shard?: Shard | undefined },
  outputs: Outputs,
  json = false,
): Promise<FacesResult | undefined> {
  const [{ faces, facesShard }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/faces/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const { photos, host } = withStdin(request.photos, nodeHostWith(outputs));
  const { sheet, ...asked } = { ...request, photos };
  const goesOn = goesOnFromFirst();
  const tell = ({ photo }: Exclude<FacesEvent, ProgressEvent | NoteEvent>) => {
    goesOn();
    tellOf(photo, (found) => json || print(foundText(found)));
  };
  if (shard) {
    printShard(await follow((watch) => facesShard({ ...asked, shard }, host, watch), tell), json);
    return undefined;
  }
  const result = await follow((watch) => faces({ ...asked, sheet }, host, watch), tell);
  if (json) printJson(result);
  else print(facesText(result));
  return result;
}

/** A photo's faces, a line each. */
function foundText({ photo, faces }: PhotoFaces): string {
  if (faces.length === 0) return `${photo}: no face\n`;
  const lines = faces.map(({ box: [x, y, width, height], score, tilt, remarks, file }) => {
    const place = `${Math.round(width)}×${Math.round(height)} at ${Math.round(x)}, ${Math.round(y)}`;
    const said = [`score ${score.toFixed(2)}`, `tilt ${tilt.toFixed(1)}°`, ...remarks].join(', ');
    return `  ${place} (${said})${file ? ` → ${file}` : ''}\n`;
  });
  return `${photo}:\n${lines.join('')}`;
}

/** What a model says of a photo: its name, and a line for each class that is named. */
export function classifiedText({ item, outputs, remarks = [] }: ClassifiedPhoto): string {
  const rows = Object.entries(outputs).flatMap(([name, answer]) => {
    if (answer.kind === 'number') return [[`  ${name}`, short(answer.value), '']];
    return answer.top.map(({ label, value }, i) => [
      i === 0 ? `  ${name}` : '',
      valueText(value, answer.probabilities),
      label,
    ]);
  });
  const answers = table([{ title: '' }, { title: '', align: 'right' }, { title: '' }], rows);
  return `${item}\n${answers}${remarks.map((remark) => `  ${remark}\n`).join('')}`;
}

/** An explained photo on one line, and its conservation report if there is one. */
export function explainedText(explained: PhotoRecord): string {
  const { photo, target, probabilities, scores, score, shares, files, conservation } = explained;
  const values = scores.filter((each) => each.explained).map(({ value }) => valueText(value, probabilities));
  // What are no shares need not add up to anything.
  const sums = `score ${short(score)}${shares ? `, relevance adds up to ${short(explained.relevance.sum)}` : ''}`;
  const file = files.figure ?? files.heatmap;
  const line = `${photo}: ${target.name} ${values.join(', ')} (${sums}) → ${file}\n`;
  const warned =
    line +
    [...(explained.remarks ?? []), ...remarksOn(explained)]
      .map((remark) => `  ${plain(remark, flagOf)}\n`)
      .join('');
  return conservation ? `${warned}\n${conservationText(conservation)}\n` : warned;
}

const titles: Readonly<Record<string, string>> = { passed: 'passed on', absolute: '|received|' };

/** A conservation report as a table, from the scores down; last what all layers lost, the score less what arrived. */
function conservationText(balances: NonNullable<PhotoRecord['conservation']>): string {
  const losses = ['bias', 'stabiliser', 'padding', 'other'] as const;
  const numbers = ['received', 'absolute', 'passed', ...losses] as const;
  const negligible = 1e-6 * Math.max(...balances.map(({ received }) => Math.abs(received)));
  // What float32 rounds away is no loss.
  const told = (value: number) => (Math.abs(value) < negligible ? '0' : short(value));
  return table(
    [
      { title: 'layer' },
      { title: 'rule' },
      ...numbers.map((key) => ({ title: titles[key] ?? key, align: 'right' as const })),
    ],
    [
      ...balances.map((each) => [each.node, each.rule, ...numbers.map((key) => told(each[key]))]),
      [
        'all layers',
        '',
        '',
        '',
        '',
        ...losses.map((key) => told(balances.reduce((sum, each) => sum + each[key], 0))),
      ],
    ],
  );
}

/** What a search for faces came to, in a line. */
export function facesText({ photos, without, cut, files }: FacesResult): string {
  const none = without.length > 0 ? `, ${without.length} without a face` : '';
  return `${plural(cut, 'face')} of ${plural(photos.length, 'photo')}${none}: ${files.join(', ')}\n`;
}
