import { isFieldSet } from '@bufbuild/protobuf';
import { fail } from '../common/error.ts';
import { copyWith } from './copy.ts';
import {
  type NetParameter,
  NetParameterSchema,
  type NetStateRule,
  NetStateRuleSchema,
  Phase,
} from './generated/caffe_pb.ts';
import { nameLayers } from './names.ts';
import { place, positionOf } from './position.ts';

/** What a network is built for; the file's own `state` gives what is left out. */
export interface State {
  readonly phase: 'train' | 'test';
  readonly level?: number;
  readonly stages?: readonly string[];
}

/**
 * The network's layers that take part in the given state, by their `include` and `exclude` rules. Phase and
 * level replace those of the file's own `state`, stages are added to it. Every layer has a name of its own then
 * ({@link nameLayers}). V2 layers only (`upgradeNet`).
 * Errors: a layer with rules of both kinds.
 */
export function filterNet(net: NetParameter, state: State, file: string): NetParameter {
  const full: Required<State> = {
    phase: state.phase,
    level: state.level ?? net.state?.level ?? 0,
    stages: [...(net.state?.stage ?? []), ...(state.stages ?? [])],
  };
  const layer = net.layer.filter(({ include, exclude, name }) => {
    if (include.length > 0 && exclude.length > 0) {
      const at = positionOf(exclude[0]);
      fail(at ? place(at) : file, `layer ${name} has both include and exclude rules`, 'keep one kind');
    }
    return include.length > 0
      ? include.some((rule) => meets(rule, full))
      : !exclude.some((rule) => meets(rule, full));
  });
  return copyWith(NetParameterSchema, net, { layer: nameLayers(layer) });
}

const { phase, minLevel, maxLevel } = NetStateRuleSchema.field;

function meets(rule: NetStateRule, state: Required<State>): boolean {
  const wanted = state.phase === 'train' ? Phase.TRAIN : Phase.TEST;
  return (
    (!isFieldSet(rule, phase) || rule.phase === wanted) &&
    (!isFieldSet(rule, minLevel) || state.level >= rule.minLevel) &&
    (!isFieldSet(rule, maxLevel) || state.level <= rule.maxLevel) &&
    rule.stage.every((stage) => state.stages.includes(stage)) &&
    !rule.notStage.some((stage) => state.stages.includes(stage))
  );
}
