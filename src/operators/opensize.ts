import { field, type Words, words } from '../common/words.ts';

/** What to do where something depends on how large a picture is, and the network's file leaves that open. */
export const giveSize: Words = words`import the network with ${field('inputShape')}`;
