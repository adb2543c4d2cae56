import type { AnalysisHead } from '../../common/analysed.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import type { Host } from '../host.ts';
import { wholeModel, workHead } from '../shardfile.ts';
import type { FacesRequestFields } from './request.ts';

/** What a search for faces is: its photos, the model that they are for, and all that was asked. */
export async function facesHead(
  {
    photos: given,
    output: _,
    for: path,
    parquet: __,
    threads: ___,
    ...asked
  }: Omit<FacesRequestFields, 'sheet'>,
  photos: readonly string[],
  model: LoadedModel | undefined,
  host: Host,
): Promise<AnalysisHead> {
  // Where networks lie does not matter; limn's version says which.
  const { weights: ____, ...settings } = asked;
  const head = model && path !== undefined ? await wholeModel(path, model, host) : undefined;
  return workHead(head, given[0], photos, settings, host);
}
