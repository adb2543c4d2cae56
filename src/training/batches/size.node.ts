import type { LayerParameter } from '../../caffe/index.ts';
import { LimnError } from '../../common/error.ts';
import { dataSettings } from './layer.ts';
import { openRecords } from './records.node.ts';
import { findSource, type SourceOptions } from './source.node.ts';
import { viewShape } from './transform.ts';

/**
 * C×H×W of what a data layer makes, by the first picture of its database or list; undefined where that is not there or
 * cannot be read.
 */
export async function pictureSize(
  layer: LayerParameter,
  file: string,
  options: SourceOptions,
): Promise<readonly number[] | undefined> {
  try {
    const settings = dataSettings(layer, file);
    const { source } = await findSource(settings, options);
    const records = await openRecords(source);
    try {
      const { planes } = await records.record(0);
      return viewShape(planes, settings.crop);
    } finally {
      records.close();
    }
  } catch (error) {
    if (error instanceof LimnError) return undefined;
    throw error;
  }
}
