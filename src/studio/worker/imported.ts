import {
  type ImportResult,
  importFromCaffe,
  importFromHuggingFace,
  importFromOnnx,
  importFromTfjs,
} from '../../verbs/import/index.ts';
import type { NoteEvent, Watch } from '../../verbs/verb.ts';
import type { Asks } from '../protocol/index.ts';
import type { AskContext } from './context.ts';

/** Imports a model as its plan says, with what a person says of how photos are prepared; `on` hears what is to be known of it. */
export function imported(
  { fields = {}, ...plan }: Asks['import']['asked'],
  output: string,
  { host, signal, on }: Pick<AskContext, 'host' | 'signal'> & Watch<NoteEvent>,
): Promise<ImportResult> {
  const watch = { signal, on };
  switch (plan.source) {
    case 'caffe': {
      const { prototxt, caffemodel, mean, labels } = plan;
      const { resizeMode: _mode, resizeFilter: _filter, std: _std, ...known } = fields;
      const beside = { ...(mean !== undefined && { mean }), ...(labels !== undefined && { labels }) };
      return importFromCaffe({ prototxt, caffemodel, output, ...beside, ...known }, host, watch);
    }
    case 'onnx': {
      const labels = plan.labels === undefined ? {} : { labels: plan.labels };
      return importFromOnnx({ model: plan.model, output, ...labels, ...fields }, host, watch);
    }
    case 'tfjs':
      return importFromTfjs({ model: plan.model, output, ...fields }, host, watch);
    case 'hf':
      return importFromHuggingFace({ folder: plan.folder, output, ...fields }, host, watch);
  }
}
