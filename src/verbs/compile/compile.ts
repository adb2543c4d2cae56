import { lrpOf } from '../../attribution/index.ts';
import { failRequest, LimnError } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import type { Model, ValueInfo } from '../../graph/index.ts';
import {
  type Composite,
  compileExplanation,
  defaultComposite,
  namedComposite,
  toolbox,
} from '../../relevance/index.ts';
import type { Host } from '../host.ts';
import { converter } from '../model.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { type CompileRequest, compileRequest } from './request.ts';

/** What a compiled explanation is. */
export interface CompileResult {
  /** The file that was written. */
  readonly output: string;
  /** It and, if need be, that of the weights. */
  readonly files: readonly string[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** Where the model comes from and how it explains: see `ExplanationInfo` of limn/relevance. */
  readonly provenance: Readonly<Record<string, string>>;
}

/**
 * Writes forward and relevance as one `.onnx` file, which plain ONNX Runtime executes in any language: image batch and
 * target in; scores and relevance out. Errors: the request's; as of `compileExplanation` of limn/relevance.
 */
export async function compile(
  request: CompileRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<CompileResult> {
  const {
    model: path,
    output,
    target,
    head,
    start,
    layer,
    ...lrp
  } = checkRequest(compileRequest, request, signal);
  const { composite: name, formula, injectAuxiliary, ...parameters } = lrpOf(lrp);
  host.files.protect([path]);
  await host.files.claim([output]);
  const { model } = await host.files.readModel(path);
  const composite = compositeOf(model, name, formula, parameters);
  if (lrp.variant === 'faithful' && composite.variant !== 'faithful') {
    failRequest(
      words`${field('variant')}`,
      `composite '${composite.name}' has no faithful one`,
      'formula codes and iccv2017 have',
    );
  }
  const how = { composite, start, head, at: layer, target, injectAuxiliary };
  const compiled = await compileExplanation(model, how);
  const provenance = { ...compiled.info.provenance, converter };
  const complete = { ...compiled, info: { ...compiled.info, provenance } };
  const { files } = await host.files.writeModel(output, complete);
  const { inputs, outputs } = compiled.graph;
  return { output, files, inputs, outputs, provenance };
}

/** Errors, of kind `request`: parameters that the composite or formula code does not have. */
function compositeOf(
  model: Model,
  name: string | undefined,
  formula: number | undefined,
  parameters: Omit<ReturnType<typeof lrpOf>, 'composite' | 'formula' | 'injectAuxiliary'>,
): Composite {
  try {
    return formula === undefined
      ? namedComposite(name ?? defaultComposite(model, parameters), parameters, model.info.layers)
      : toolbox(formula, parameters);
  } catch (error) {
    throw error instanceof LimnError ? error.with({ kind: 'request' }) : error;
  }
}
