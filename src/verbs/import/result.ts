import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { usualMargin } from '../../faces/index.ts';
import type { FaceAlignment, FaceCut, Head, Model } from '../../graph/index.ts';
import { costs, infer } from '../../operators/index.ts';
import type { Host } from '../host.ts';
import { type PreprocessingRecord, preprocessingRecord } from '../model.ts';

/** What an import made. */
export interface ImportResult {
  /** The model's file. */
  readonly output: string;
  /** It and, if need be, that of its weights. */
  readonly files: readonly string[];
  /** The size of all of them. */
  readonly bytes: number;
  /** The network's name. */
  readonly name: string;
  /** Operators of the graph. */
  readonly nodes: number;
  readonly parameters: number;
  readonly heads: readonly Head[];
  readonly preprocessing?: PreprocessingRecord | undefined;
}

/** How faces were cut out for a network: as the fields say, else as is known. Errors: a border of what nobody says how it is cut. */
export function faceCutOf(
  {
    faceAlign,
    faceMargin,
  }: {
    readonly faceAlign?: FaceAlignment | undefined;
    readonly faceMargin?: number | undefined;
  },
  known?: FaceCut,
): { readonly faces?: FaceCut } {
  const align = faceAlign ?? known?.align;
  if (align === undefined) {
    if (faceMargin !== undefined)
      failRequest(words`${field('faceMargin')}`, words`it is for ${field('faceAlign')}`, 'give both');
    return {};
  }
  return { faces: { align, margin: faceMargin ?? known?.margin ?? usualMargin } };
}

/** Writes an imported model and says what it is. Errors: an operator that limn does not know. */
export async function finishImport(model: Model, output: string, host: Host): Promise<ImportResult> {
  const { graph, info } = model;
  const cost = costs(graph, infer(graph));
  const parameters = [...cost.values()].reduce((sum, each) => sum + each.parameters, 0);
  const written = await host.files.writeModel(output, model);
  return {
    output,
    ...written,
    name: graph.name,
    nodes: graph.nodes.length,
    parameters,
    heads: info.heads,
    preprocessing: info.preprocessing && preprocessingRecord(info.preprocessing),
  };
}
