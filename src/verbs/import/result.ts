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
  /** How the faces were cut out that it was trained on; undefined where nothing says. */
  readonly faces?: FaceCut | undefined;
}

/** How the faces were cut out that a network was trained on, as a request says. */
interface TrainedFaces {
  readonly faceAlign?: FaceAlignment | undefined;
  readonly faceMargin?: number | undefined;
}

/** How faces were cut out for a network: as the fields say, else as is known. Errors: a border of what nobody says how it is cut. */
function faceCutOf(
  { faceAlign, faceMargin }: TrainedFaces,
  known: FaceCut | undefined,
): { readonly faces?: FaceCut } {
  const align = faceAlign ?? known?.align;
  if (align === undefined) {
    if (faceMargin !== undefined)
      failRequest(words`${field('faceMargin')}`, words`it is for ${field('faceAlign')}`, 'give both');
    return {};
  }
  return { faces: { align, margin: faceMargin ?? known?.margin ?? usualMargin } };
}

/**
 * Writes an imported model, with how its faces were cut out, and says what it is. Errors: an operator that limn does not
 * know; a border of faces of which nobody says how they are cut.
 */
export async function finishImport(
  { graph, info: known }: Model,
  { output, ...faces }: { readonly output: string } & TrainedFaces,
  host: Host,
): Promise<ImportResult> {
  const info = { ...known, ...faceCutOf(faces, known.faces) };
  const cost = costs(graph, infer(graph));
  const parameters = [...cost.values()].reduce((sum, each) => sum + each.parameters, 0);
  const written = await host.files.writeModel(output, { graph, info });
  return {
    output,
    ...written,
    name: graph.name,
    nodes: graph.nodes.length,
    parameters,
    heads: info.heads,
    preprocessing: info.preprocessing && preprocessingRecord(info.preprocessing),
    faces: info.faces,
  };
}
