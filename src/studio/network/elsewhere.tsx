import type { InspectRequest, InspectResult } from '../../verbs/index.ts';
import { PinButton } from '../parts/pin.tsx';
import { Reproduce } from '../parts/reproduce.tsx';
import { inspectCommandText } from '../state/commands.ts';
import { inspectProgramText } from '../state/programs.ts';
import { seenOfNetwork } from './pin.ts';

/** A network for the notebook, and what says the same of it on the command line and in a program. */
export function NetworkElsewhere({
  request,
  inspected,
  looked,
}: {
  readonly request: InspectRequest;
  readonly inspected: InspectResult;
  /** What is looked at in the network's own room. */
  readonly looked?: { readonly layer: string | undefined };
}) {
  return (
    <section class="elsewhere" aria-label="take it with you">
      <div class="buttons">
        <PinButton seen={() => seenOfNetwork(request, inspected, looked)} />
      </div>
      <Reproduce command={inspectCommandText(request)} program={inspectProgramText(request)} />
    </section>
  );
}
