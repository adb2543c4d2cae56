import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import {
  type NetParameter,
  NetParameterSchema,
  type SolverParameter,
  SolverParameterSchema,
} from '../generated/caffe_pb.ts';
import { toMessage } from './message.ts';
import { parseTree } from './tree.ts';

/**
 * A network definition from protobuf text format (`.prototxt`), exactly as written: V1 `layers` stay V1
 * (`upgradeNet` turns them into V2), and all phases are kept (`filterNet` chooses one).
 * `file` is the name that errors show; they have the form `file:line:column: what; fix`.
 */
export const parsePrototxt = (text: string, file: string): NetParameter =>
  parseText(NetParameterSchema, text, file);

/** A solver definition (`solver.prototxt`) from protobuf text format. Errors as in {@link parsePrototxt}. */
export const parseSolver = (text: string, file: string): SolverParameter =>
  parseText(SolverParameterSchema, text, file);

/** Any of caffe.proto's messages from protobuf text format. Errors as in {@link parsePrototxt}. */
export const parseText = <Desc extends DescMessage>(
  desc: Desc,
  text: string,
  file: string,
): MessageShape<Desc> => toMessage(desc, parseTree(text, file));
