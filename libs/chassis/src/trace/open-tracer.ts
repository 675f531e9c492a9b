import { quietTracer, type Tracer } from './trace.js';

/**
 * The tracer of one service. Without a collector nothing of OpenTelemetry is loaded, and each request still has its id in logs, messages and
 * evidence.
 *
 * @param collector address of an OTLP receiver, without `/v1/traces`
 */
export async function openTracer(service: string, collector: string | undefined): Promise<Tracer> {
  if (collector === undefined) return quietTracer;
  const { openTelemetryTracer } = await import('./open-telemetry.js');
  return openTelemetryTracer(service, `${collector.replace(/\/$/, '')}/v1/traces`);
}
