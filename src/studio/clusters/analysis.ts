import { methodNames } from '../../attribution/method.ts';
import type { AnalysisHead } from '../../common/analysed.ts';
import { fileFinder } from '../parts/findfile.ts';
import type { StudioFile } from '../state/files.ts';
import type { Column } from '../state/request.ts';

/**
 * How the photos of an analysis are explained here, as it explained them; undefined where its network is not at hand. Of a method
 * with parameters of its own its name remains, with those of the page.
 */
export function columnOfAnalysis(
  { model, settings }: Pick<AnalysisHead, 'model' | 'settings'>,
  models: readonly StudioFile[],
): Column | undefined {
  const file = model && fileFinder(models)(model.file.replace(/^.*[\\/]/, ''), '');
  if (!model || !file) return undefined;
  const given = String(settings.method ?? 'lrp').split(',')[0];
  const method = methodNames.find((each) => each === given);
  return {
    model: file.path,
    head: model.head,
    target: String(settings.target),
    method: method ?? 'lrp',
    parameters: {},
  };
}
