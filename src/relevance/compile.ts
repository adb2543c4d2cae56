import type { Model } from '../graph/index.ts';
import { compositeHash, describe } from './composites/describe.ts';
import { type RelevanceOptions, relevance } from './relevance.ts';

/** What the provenance of a compiled explanation says of it, by key. */
export interface ExplanationInfo {
  /** The name of the head that is explained. */
  readonly 'explanation.head': string;
  /** The composite's name, what it did in words, and the SHA-256 of its rules as applied. */
  readonly 'explanation.composite': string;
  readonly 'explanation.description': string;
  readonly 'explanation.hash': string;
  readonly 'explanation.variant': string;
  readonly 'explanation.start': string;
  /** How the input `target` chooses classes. */
  readonly 'explanation.target': string;
  readonly 'explanation.outputs': string;
}

const conventions = {
  index: 'target: int64 N, the class of each image, counted from 0; -1 explains the predicted class',
  weights:
    'target: float32 N×K, the weight of each class: one-hot, several classes, or 1 and -1 for a contrast',
};

/**
 * Forward and relevance as one portable model, which plain ONNX Runtime executes without limn: inputs the image batch
 * and `target`; outputs as {@link relevance} makes them. Its metadata says how photos become inputs, what the scores
 * mean, and how the relevance was computed ({@link ExplanationInfo}, in the provenance).
 * Errors: as those of {@link relevance}.
 *
 * @example
 * ```ts
 * import { compileExplanation, namedComposite } from 'limn';
 * import { loadModel, saveModel } from 'limn/node';
 *
 * const { model } = await loadModel('models/face-api-age-gender.onnx');
 * const compiled = await compileExplanation(model, { composite: namedComposite('epsilon-plus'), head: 'gender' });
 * await saveModel('why.onnx', compiled);
 * ```
 */
export async function compileExplanation(model: Model, options: RelevanceOptions): Promise<Model> {
  const { graph, head, handling } = relevance(model, options);
  const { composite, start = 'score', target = 'index', at = [] } = options;
  const explanation: ExplanationInfo = {
    'explanation.head': head.name,
    'explanation.composite': composite.name,
    'explanation.description': describe(handling),
    'explanation.hash': await compositeHash(handling),
    'explanation.variant': composite.variant ?? 'corrected',
    'explanation.start': start,
    'explanation.target': conventions[target],
    'explanation.outputs': [
      `scores: before ${head.output === 'scores' ? 'softmax' : `'${head.output}'`}`,
      'relevance: of the input, in its shape',
      ...at.map((layer) => `relevance:${layer}: of the output of that layer`),
    ].join('; '),
  };
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  return {
    graph,
    info: {
      ...model.info,
      heads: model.info.heads
        .map((each) => (each.name === head.name ? head : each))
        .filter(({ output }) => outputs.has(output)),
      provenance: { ...model.info.provenance, ...explanation },
    },
  };
}
