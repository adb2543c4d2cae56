import { followPages } from './commands.ts';

followPages('how-to-j-z');
