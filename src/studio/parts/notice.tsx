import type { Asked } from '../state/asked.ts';

/** Why something is not there, with a way to try again. */
export function Failure({ asked }: { readonly asked: Extract<Asked<unknown>, { state: 'failed' }> }) {
  return (
    <div class="notice notice-failed" role="alert">
      <p>{asked.message}</p>
      <button type="button" onClick={() => asked.again()}>
        Try again
      </button>
    </div>
  );
}

/** Something that a reader should know. */
export function Remark({ text }: { readonly text: string }) {
  return (
    <p class="notice notice-remark" role="note">
      {text}
    </p>
  );
}

/** A place that is being filled. */
export function Waiting({ text }: { readonly text: string }) {
  return (
    <div class="waiting">
      <span class="spinner" aria-hidden="true" />
      <span>{text}</span>
    </div>
  );
}
