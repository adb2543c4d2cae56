import { followPages } from './commands.ts';

followPages('how-to-p-z');
