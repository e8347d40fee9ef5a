/** What workloads and their parameters do, in Spanish. The server tells it in English, and that stands for the rest. */
import { language } from './index';

const summaries: Readonly<Record<string, string>> = {
  primes: 'Cuenta los primos hasta n dividiendo: puro cálculo, mantiene ocupado un núcleo.',
  wait: 'Duerme y lee un poco del disco, una y otra vez: depende de la entrada y salida y apenas usa el procesador.',
  memory: 'Crece paso a paso hasta una meta, toca cada página para que exista de verdad y la conserva hasta que termina.',
  threads: 'Cuenta primos con varios hilos de un solo proceso: un pid y más de un núcleo en uso.',
  idle: 'Espera órdenes: crea hijos cuando se le pide y no usa el procesador.',
  tree: 'Crea un árbol de procesos, cada uno hijo verdadero de su padre; todos trabajan a ratos hasta que terminan.',
  crash: 'Acaba mal al cabo de un rato: con un código de salida, un pánico o matado por una señal.',
  zombie: 'Crea un hijo que termina enseguida y no lo recoge nunca: un zombi, mientras viva este padre.',
  orphan: 'Crea un hijo y termina antes que él: el hijo se queda huérfano y Vivero lo adopta.',
  bomb: 'Una bomba fork: crea copias de sí misma tan deprisa como puede, y cada copia también, hasta que el límite se lo niega.',
  pipe: 'Un escritor y un lector unidos por una tubería: se llena si el lector es más lento, y entonces el escritor espera.',
  pipeline: 'Un origen, etapas y un destino unidos por tuberías: cada uno trabaja en un mensaje y lo pasa; el más lento marca el ritmo.',
  queue: 'Productores y consumidores en una cola de mensajes del sistema con pocos huecos: llena, esperan los productores; vacía, los consumidores.',
  pingpong: 'Dos procesos y dos tuberías: un mensaje va y viene, y cada lado espera al otro.',
  scatter: 'Cuenta los primos hasta n en paralelo: un padre reparte trozos por tuberías y reúne los resultados.',
  image: 'Filtra una imagen en paralelo: un padre reparte franjas por tuberías y junta los resultados.',
  python: 'Un guion de Python del curso: sus procesos hablan por las tuberías y colas de multiprocessing.',
};

const helps: Readonly<Record<string, string>> = {
  'primes.n': 'el mayor número que se prueba',
  'wait.pause_ms': 'cuánto duerme entre dos lecturas, en milisegundos',
  'wait.read_kb': 'cuánto lee cada vez, en kB',
  'memory.mb': 'cuánta memoria ocupa al final, en MB',
  'memory.step_mb': 'cuánta ocupa en cada paso, en MB',
  'memory.pause_ms': 'cuánto espera entre dos pasos, en milisegundos',
  'threads.threads': 'cuántos hilos calculan',
  'threads.seconds': 'cuánto tiempo calculan, en segundos; 0: hasta que se termine',
  'tree.depth': 'cuántas generaciones hay bajo el primer proceso',
  'tree.branching': 'cuántos hijos crea cada proceso; profundidad 2 y 2 ramas dan 7 procesos',
  'tree.grow_ms': 'cuánto espera cada uno antes de su siguiente hijo, en milisegundos',
  'tree.burst_ms': 'cuánto calcula cada uno más o menos cada dos segundos, en milisegundos; 0: nunca',
  'crash.how': 'salida: con el código de abajo; pánico: el propio de Go, código 2; segv y abort: una muerte verdadera por esa señal',
  'crash.code': 'el código de salida, si acaba con salida',
  'crash.delay_ms': 'cuánto vive antes, en milisegundos',
  'zombie.children': 'cuántos hijos deja sin recoger',
  'orphan.delay_ms': 'cuánto vive el padre, en milisegundos',
  'pipe.delay_ms': 'cuánto trabaja el lector en cada mensaje, en milisegundos',
  'pipeline.stages': 'cuántos procesos hay entre el origen y el destino',
  'pipeline.delay_ms': 'cuánto trabaja cada etapa en un mensaje, en milisegundos',
  'queue.producers': 'cuántos procesos envían',
  'queue.consumers': 'cuántos procesos reciben; cada mensaje llega a uno solo',
  'queue.slots': 'cuántos mensajes caben en la cola; un sistema corriente no permite más de 10 (msg_max)',
  'queue.delay_ms': 'cuánto trabaja un consumidor en cada mensaje, en milisegundos',
  'queue.vary': 'cuánto varían pausas y trabajo, en tanto por ciento',
  'pingpong.delay_ms': 'cuánto retiene cada lado el mensaje, en milisegundos',
  'pingpong.count': 'cuántas veces va y viene; 0: hasta que se termine',
  'scatter.workers': 'cuántos procesos calculan',
  'scatter.n': 'el mayor número que se prueba',
  'scatter.pieces': 'en cuántos trozos se corta el trabajo; los últimos tardan más, pues sus números son mayores',
  'image.workers': 'cuántos procesos filtran',
  'image.filter': 'desenfoque: gaussiano; bordes: Sobel; nitidez: la imagen menos su desenfoque',
  'image.passes': 'cuántas veces se aplica el filtro',
  'image.width': 'de la imagen, en píxeles; de alto tiene dos tercios',
  'image.pieces': 'en cuántas franjas se corta',
  'python.script': 'pipe, queue, pool: pipe.py, queue_demo.py, pool.py; primes, image: mp_worker.py',
  'python.processes': 'cuántos procesos crea (queue: productores, y otros tantos consumidores)',
  'python.size': 'mensajes de cada uno, miles de números, el mayor número, o píxeles; 0: lo propio del guion',
  size: 'bytes de texto en cada mensaje; con su cabecera de 24 se escribe de una vez',
  rate: 'mensajes por segundo; 0: tan deprisa como se pueda',
  count: 'cuántos mensajes se envían; 0: hasta que se termine',
  'bomb.pause_ms': 'cuánto espera cada una antes de su siguiente copia, en milisegundos; 0: nada',
};

/** What a workload does; told is the server's own sentence. */
export function workloadSummary(workload: string, told: string): string {
  return language.value === 'es' && Object.hasOwn(summaries, workload) ? (summaries[workload] ?? told) : told;
}

/** What a parameter means; told is the server's own words. */
export function paramHelp(workload: string, param: string, told: string): string {
  if (language.value !== 'es') return told;
  // Some mean the same in every workload that talks.
  const key = [`${workload}.${param}`, param].find((name) => Object.hasOwn(helps, name));
  return key === undefined ? told : (helps[key] ?? told);
}
