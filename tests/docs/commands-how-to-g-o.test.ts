import { followPages } from './commands.ts';

followPages('how-to-g-o');
