import { PROCESS_FAULTS } from '../support/faults/kinds.ts';
import { everyStep } from '../support/faults/matrix.ts';

everyStep(PROCESS_FAULTS);
