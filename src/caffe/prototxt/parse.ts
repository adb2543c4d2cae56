import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { refuseOthers, texts } from '../../common/filekind.ts';
import {
  type NetParameter,
  NetParameterSchema,
  type SolverParameter,
  SolverParameterSchema,
} from '../generated/caffe_pb.ts';
import { type Tell, toMessage } from './message.ts';
import { parseTree } from './tree.ts';

/**
 * A network definition from protobuf text format (`.prototxt`), exactly as written: V1 `layers` stay V1
 * (`upgradeNet` turns them into V2), and all phases are kept (`filterNet` chooses one).
 * `file` is the name that errors show; they have the form `file:line:column: what; fix`. `tell` is told of fields of
 * Caffe's forks that are left out, because nothing that limn computes depends on them. Errors: a solver, a web page.
 *
 * @example
 * ```ts
 * import { parsePrototxt } from 'limn/caffe';
 *
 * const { layer } = parsePrototxt('name: "tiny" layer { name: "relu1" type: "ReLU" bottom: "data" top: "data" }', 'a.prototxt');
 * console.log(layer.map(({ name, type }) => `${name}: ${type}`));
 * ```
 */
export function parsePrototxt(text: string, file: string, tell?: Tell): NetParameter {
  refuseOthers(text, file, 'a network definition', 'definition', 'text', 'empty');
  return parseText(NetParameterSchema, text, file, tell);
}

/** A solver definition (`solver.prototxt`) from protobuf text format. Errors as in {@link parsePrototxt}. */
export function parseSolver(text: string, file: string, tell?: Tell): SolverParameter {
  refuseOthers(text, file, 'a solver', 'solver', 'text', 'empty');
  return parseText(SolverParameterSchema, text, file, tell);
}

/** Any of caffe.proto's messages from protobuf text format. Errors as in {@link parsePrototxt}. */
export function parseText<Desc extends DescMessage>(
  desc: Desc,
  text: string,
  file: string,
  tell?: Tell,
): MessageShape<Desc> {
  refuseOthers(text, file, 'a text of Caffe (prototxt)', ...texts);
  return toMessage(desc, parseTree(text, file), tell);
}
