import type { InspectRequest, InspectResult } from '../../verbs/index.ts';
import { Copyable } from '../parts/controls.tsx';
import { PinButton } from '../parts/pin.tsx';
import { inspectCommandText, inspectProgramText } from '../state/elsewhere.ts';
import { seenOfNetwork } from './pin.ts';

/** A network for the notebook, and what says the same of it on the command line and in a program. */
export function NetworkElsewhere({
  request,
  inspected,
}: {
  readonly request: InspectRequest;
  readonly inspected: InspectResult;
}) {
  return (
    <section class="elsewhere" aria-label="take it with you">
      <div class="buttons">
        <PinButton seen={() => seenOfNetwork(request, inspected)} />
      </div>
      <details>
        <summary>The same on the command line and in a program</summary>
        <Copyable text={inspectCommandText(request)} label="the command" />
        <Copyable text={inspectProgramText(request)} label="the program" />
      </details>
    </section>
  );
}
