import type { ComponentChildren } from 'preact';
import { Copyable } from './controls.tsx';

/** What makes the same as a view elsewhere. */
interface Reproduced {
  readonly command?: string | undefined;
  readonly program?: string | undefined;
  /** What tells the two from others of the same page, for who hears their names: "that checks it". */
  readonly does?: string;
}

/** The command and the program that make the same, ready to copy. */
export function CommandAndProgram({ command, program, does }: Reproduced) {
  const of = does === undefined ? '' : ` ${does}`;
  return (
    <>
      {command !== undefined && <Copyable key={command} text={command} label={`the command${of}`} />}
      {program !== undefined && <Copyable key={program} text={program} label={`the program${of}`} />}
    </>
  );
}

/** The same, folded. */
export function Reproduce({
  children,
  ...made
}: Reproduced & {
  readonly command: string;
  /** What has to be done first. */
  readonly children?: ComponentChildren;
}) {
  return (
    <details class="elsewhere">
      <summary>The same on the command line{made.program !== undefined && ' and in a program'}</summary>
      {children}
      <CommandAndProgram {...made} />
    </details>
  );
}
