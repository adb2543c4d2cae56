import { bytes, count, scaled, shapeText } from '../../common/format.ts';
import type { InspectRequest, InspectResult } from '../../verbs/index.ts';
import type { SeenFinding } from '../parts/pin.tsx';
import { inspectCommandText, inspectProgramText } from '../state/elsewhere.ts';

/** What the notebook keeps of a network: what it is, and what says the same elsewhere. */
export function seenOfNetwork(
  request: InspectRequest,
  { name, file, inputs, heads, total, composite, obstacle }: InspectResult,
): SeenFinding {
  return {
    title: `The network ${name || request.model}`,
    facts: [
      ['takes', inputs.map(({ shape }) => shapeText(shape)).join(', ')],
      ['says', heads.map((head) => head.name).join(', ') || 'nothing whose meaning is known'],
      [
        'size',
        `${count(total.parameters)} parameters, ${scaled(total.multiplyAdds)} multiply-adds a photo, ${bytes(file.bytes)}`,
      ],
      ['explained by', composite ?? `nothing: ${obstacle}`],
      ['network', `${request.model}, SHA-256 ${file.sha256}`],
    ],
    pictures: [],
    command: inspectCommandText(request),
    program: inspectProgramText(request),
  };
}
