import { type GraphBuilder, size } from '../../graph/index.ts';
import type { Site } from '../site.ts';
import { checkLabelInput, isClass, loss, shaped, toFloat, toInt, total } from './loss.ts';

/**
 * Σ of margins max(0, 1 − x) for the label's class and max(0, 1 + x) for the others, or of their squares with
 * `norm` 2: Caffe's HingeLoss before it divides by the batch. Inputs: scores x float32 N×K (further dimensions count
 * as classes), labels int64, N of them, from 0 to K − 1. A margin of exactly 0 has no slope.
 */
export const hingeLoss = loss({
  op: 'HingeLoss',

  check(site) {
    const [shape, norm] = [site.shape(0), site.int('norm', 1)];
    if (shape.length < 2) site.fail(`needs scores of two or more dimensions, got [${shape}]`);
    if (norm !== 1 && norm !== 2) site.fail(`attribute 'norm' must be 1 or 2, not ${norm}`);
    site.dims(0, 1);
    checkLabelInput(site, shape.slice(0, 1));
  },

  value(b, site) {
    const { margins } = partsOf(b, site);
    return total(b, site.int('norm', 1) === 1 ? margins : b.op('Mul', [margins, margins]));
  },

  derivative(b, site, input) {
    if (input !== 0) return undefined;
    const { sign, margins, rows } = partsOf(b, site);
    const steps =
      site.int('norm', 1) === 1
        ? b.op('Cast', [b.op('Greater', [margins, b.scalar(0)])], toFloat)
        : b.op('Mul', [margins, b.scalar(2)]);
    return shaped(b, b.op('Mul', [sign, steps]), rows, site.shape(0));
  },
});

/** The margins N×K, and how each moves with its score: −1 for the label's class, else 1. */
function partsOf(b: GraphBuilder, site: Site) {
  const [batch] = site.shape(0);
  const classes = size(site.dims(0, 1));
  const rows = [batch, classes];
  const x = shaped(b, site.input(0), site.shape(0), rows);
  const labels = b.op('Cast', [shaped(b, site.input(1), site.shape(1), [batch, 1])], toInt);
  const chosen = b.op('Cast', [isClass(b, labels, classes, 1, 2)], toFloat);
  const sign = b.op('Sub', [b.scalar(1), b.op('Mul', [chosen, b.scalar(2)])]);
  const margins = b.op('Relu', [b.op('Add', [b.op('Mul', [x, sign]), b.scalar(1)])]);
  return { rows, sign, margins };
}
