import fc from 'fast-check';

/**
 * Every run tries the same cases, so that a failure is about the change at hand. `LIMN_SEED=N npm test` tries others;
 * a failing property prints its own seed as well.
 */
fc.configureGlobal({ seed: Number(process.env.LIMN_SEED ?? 20170917) });
