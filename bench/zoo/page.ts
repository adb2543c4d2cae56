import { table } from '../../docs/generate/markdown.ts';
import type { NetworkRecord, Outcome } from './measure.ts';

const titles = [
  'family',
  'network',
  'exporter',
  'operator set',
  'batch',
  'nodes',
  'scores',
  'gradient',
  'composite',
  'kept',
  'unstable',
  'peak',
  'DeepLIFT',
  'outcome',
];

const small = (value: number | undefined): string => (value === undefined ? '' : value.toExponential(1));

function row({ family, name }: NetworkRecord, outcome: Outcome): string[] {
  const { exporter, opset, dynamic, operators, scores, gradient, composite, note, problem } = outcome;
  const { kept, unstable, peak, rest } = outcome;
  return [
    family,
    `\`${name}\``,
    exporter,
    String(opset),
    dynamic ? 'open' : '1',
    operators === undefined ? '' : String(operators),
    small(scores),
    small(gradient),
    composite ?? '',
    kept === undefined ? '' : `${(100 * kept).toPrecision(3)} %`,
    small(unstable),
    peak === undefined ? '' : `${(100 * peak).toPrecision(2)} %`,
    small(rest),
    problem ? said(problem) : note ? `agrees; ${note}` : 'agrees',
  ];
}

/** Where the file lies, all that is known, and an exporter's colours and advice say nothing here. */
const said = (problem: string): string =>
  problem
    .replace(/^\S+\.onnx: /, '')
    .replace(/; known: .*/, '')
    .replace(new RegExp(`${String.fromCharCode(27)}\\[\\d*m`, 'g'), '')
    .replace(/^(not exported: .*?)\. .*/, '$1');

/** Which commit each file was measured at, the most frequent first. */
function builds(outcomes: readonly Outcome[]): string {
  const counts = new Map<string, number>();
  for (const { build } of outcomes) {
    const place = build === undefined ? 'earlier ones' : `\`${build}\``;
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([place, n]) => `${n} at ${place}`);
  return `Measured at the commits that last changed \`src\`; of the files, ${parts.join(', ')}.`;
}

/** The page on what limn makes of other people's networks. */
export function networksPage(
  results: readonly { readonly record: NetworkRecord; readonly outcomes: readonly Outcome[] }[],
): string {
  const rows = results.flatMap(({ record, outcomes }) => outcomes.map((outcome) => row(record, outcome)));
  const all = results.flatMap(({ outcomes }) => outcomes);
  const agreed = rows.filter((cells) => cells.at(-1)!.startsWith('agrees')).length;
  return `# Networks

<!-- Made by \`npm run zoo -- --write\`; changes here are lost. -->

Image classifiers of torchvision (\`tv_\`), Hugging Face (\`hf_\`) and timm (\`timm_\`), in small configurations with seeded random
weights and statistics of batch normalisation taken from inputs, exported by PyTorch: ${agreed} of ${rows.length} files import, agree
and can be explained. Networks \`onnx_\` are ONNX's own old ones in the test data of its package, whose weights are one number everywhere: their
scores are held to those that ONNX Runtime computes of the file.

- **scores, gradient**: the largest difference from PyTorch in float64, by the largest value. Scores agree to 1e-5 and gradients
  to 1e-4, or as far as PyTorch's own float32 goes; a gradient that moves when the input does by 1e-6 (two equal cells of a
  maximum) may differ by as much, and so may one on which PyTorch's float32 and float64 differ, and that of one image of the four: an
  error of limn's would show in all.
- **composite**: the default for this network. **kept**: how much of the score its relevance adds up to, the median of four
  images; what is missing went to biases.
- **unstable**: the largest difference of relevance between one image alone and four together, one thread and two, and
  \`explain\` and a compiled explanation, by the largest value.
- **peak**: the share of all |R| that the strongest thousandth of the pixels holds, the largest of four images'. What real networks
  have on photos is in [choose a composite](../how-to/choose-a-composite.md#how-the-default-was-chosen).
- **DeepLIFT**: how far its relevance, of one image against another, is from the difference of the scores, by Σ|R|. All other methods are
  run, too, and give finite values, but Score-CAM, which runs once for each channel; those of attention only where a network's blocks all see the same tokens.
- **outcome**: *not exported* is what PyTorch's exporter says; anything else but *agrees* is what limn refuses, and why.

${builds(all)}

${table(titles, rows)}
`;
}
