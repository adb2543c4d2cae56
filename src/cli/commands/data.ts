import { type Command, command } from '../command.ts';
import { dataAdienceCommand } from './data-adience.ts';
import { dataJoinCommand } from './data-join.ts';
import { dataListsCommand } from './data-lists.ts';
import { dataLmdbCommand } from './data-lmdb.ts';
import { dataMeanCommand } from './data-mean.ts';
import { dataSampleCommand } from './data-sample.ts';
import { dataShowCommand } from './data-show.ts';
import { dataSquareCommand } from './data-square.ts';

export function dataCommand(): Command {
  return command('data')
    .description(
      'Prepares labelled pictures as the paper did: lists of the Adience folds, squares, databases and mean images; ' +
        'and looks into any labelled pictures.',
    )
    .usage('lists | square | join | lmdb | mean | sample | adience | show …')
    .addCommand(dataListsCommand())
    .addCommand(dataSquareCommand())
    .addCommand(dataJoinCommand())
    .addCommand(dataLmdbCommand())
    .addCommand(dataMeanCommand())
    .addCommand(dataSampleCommand())
    .addCommand(dataAdienceCommand())
    .addCommand(dataShowCommand());
}
