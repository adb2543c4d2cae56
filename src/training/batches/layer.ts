import {
  type DataParameter,
  DataParameter_DB,
  type ImageDataParameter,
  type LayerParameter,
} from '../../caffe/index.ts';
import { whereOf } from '../../caffe/where.ts';
import { fail } from '../../common/error.ts';

/** What a data layer says, checked; files are named as it names them. */
export interface DataSettings {
  readonly name: string;
  /** For errors: `file:line:column: layer 'data'`. */
  readonly where: string;
  /** The top for pictures. */
  readonly data: string;
  /** The top for labels. */
  readonly label: string | undefined;
  readonly batchSize: number;
  readonly randomSkip: number;
  readonly source: DatabaseSettings | ListSettings;
  readonly crop: number | undefined;
  readonly mirror: boolean;
  readonly scale: number;
  readonly meanFile: string | undefined;
  readonly meanValues: readonly number[];
}

export interface DatabaseSettings {
  readonly kind: 'database';
  readonly path: string;
  /** How encoded pictures are decoded; `as-stored`: grey ones to one channel. */
  readonly colour: Colour;
}

export interface ListSettings {
  readonly kind: 'list';
  readonly path: string;
  /** What stands before every path of the list; empty where nothing does. */
  readonly folder: string;
  readonly size: { readonly height: number; readonly width: number } | undefined;
  readonly colour: Colour;
  readonly shuffle: boolean;
}

export type Colour = 'colour' | 'grey' | 'as-stored';

/**
 * Reads the parameters of a data layer of V2 form. Errors name the layer: a type other than Data and ImageData, LevelDB,
 * no source, no batch, contradictions.
 */
export function dataSettings(layer: LayerParameter, file: string): DataSettings {
  const where = whereOf(layer, file);
  const { name, top, transformParam: transform, dataParam, imageDataParam } = layer;
  if (top.length < 1 || top.length > 2)
    fail(where, `${top.length} tops`, 'give one for pictures, one for labels');
  const param = layer.type === 'Data' ? dataParam : layer.type === 'ImageData' ? imageDataParam : undefined;
  if (!param) {
    const known = layer.type === 'Data' || layer.type === 'ImageData';
    if (known)
      fail(
        where,
        'it does not say where its pictures are',
        `give it a ${layer.type === 'Data' ? 'data_param' : 'image_data_param'}`,
      );
    const python = layer.type === 'Python' ? layer.pythonParam : undefined;
    fail(
      where,
      python
        ? `it makes data by Python code (class ${python.layer} of module ${python.module}), which limn does not run`
        : `batches cannot be read by a layer of type ${layer.type}`,
      'use Data with an LMDB database, or ImageData with a list',
    );
  }
  if (!param.source) fail(where, 'it has no source', 'name a database or a list');
  if (param.batchSize < 1) fail(where, 'it has no batch_size', 'give 1 or more');
  const meanFile = transform?.meanFile || undefined;
  const meanValues = transform?.meanValue ?? [];
  if (meanFile && meanValues.length > 0) fail(where, 'it has both mean_file and mean_value', 'keep one');
  if (transform?.forceColor && transform.forceGray)
    fail(where, 'it has both force_color and force_gray', 'keep one');
  const forced = transform?.forceColor ? 'colour' : transform?.forceGray ? 'grey' : 'as-stored';
  return {
    name,
    where,
    data: top[0],
    label: top[1],
    batchSize: param.batchSize,
    randomSkip: param.randSkip,
    source: layer.type === 'Data' ? database(dataParam!, forced, where) : list(imageDataParam!, where),
    crop: transform?.cropSize || undefined,
    mirror: transform?.mirror ?? false,
    scale: transform?.scale ?? 1,
    meanFile,
    meanValues,
  };
}

function database(param: DataParameter, forced: Colour, where: string): DatabaseSettings {
  if (param.backend !== DataParameter_DB.LMDB) {
    fail(
      where,
      `'${param.source}' is a LevelDB database by its backend (LEVELDB unless given), which limn does not read`,
      'make an LMDB database of its pictures, and write backend: LMDB',
    );
  }
  return { kind: 'database', path: param.source, colour: param.forceEncodedColor ? 'colour' : forced };
}

function list(param: ImageDataParameter, where: string): ListSettings {
  const { source, rootFolder, newHeight, newWidth, isColor, shuffle } = param;
  if (newHeight > 0 !== newWidth > 0)
    fail(where, 'it has one of new_height and new_width', 'give both or none');
  return {
    kind: 'list',
    path: source,
    folder: rootFolder,
    size: newHeight > 0 ? { height: newHeight, width: newWidth } : undefined,
    colour: isColor ? 'colour' : 'grey',
    shuffle,
  };
}
