/** The signs of broken propagation in words. */
import type { Schema } from "../api/client";
import { messages } from "../text/messages";

export type Sign = Schema<"Sign">;
export const SIGNS: readonly Sign[] = ["B1", "B2", "B3", "B4", "B5", "B6", "B7"];

const names = messages({
  B1: { en: "Trace headers not forwarded", ja: "トレースヘッダーが転送されていない" },
  B2: { en: "Only the request id forwarded", ja: "リクエスト ID だけが転送されている" },
  B3: { en: "Parent never arrived", ja: "親スパンが届かない" },
  B4: { en: "Caller reports no call", ja: "呼び出し元が報告していない" },
  B5: { en: "Request id not forwarded", ja: "リクエスト ID が転送されていない" },
  B6: { en: "Callee sends no spans", ja: "呼び出し先がスパンを送らない" },
  B7: { en: "Trace and address disagree", ja: "トレースとアドレスの不一致" },
});

const meanings = messages({
  B1: {
    en: "A call of a sidecar begins a trace while its pod serves a request: the application does not forward the trace headers.",
    ja: "Pod がリクエストを処理している間に、その呼び出しが新しいトレースを始めています。アプリケーションがトレースヘッダーを転送していません。",
  },
  B2: {
    en: "One x-request-id is on several traces: the application forwards the request id, but not the trace headers.",
    ja: "1 つの x-request-id が複数のトレースにあります。リクエスト ID は転送されていますが、トレースヘッダーは転送されていません。",
  },
  B3: {
    en: "A span names a parent that never arrived: a tracer inside the application exports elsewhere, or the caller is unsampled.",
    ja: "スパンの親が届いていません。アプリケーション内のトレーサーが別の場所に送っているか、呼び出し元がサンプリングされていません。",
  },
  B4: {
    en: "A request came from a pod that reports no call for it: that pod's proxy does not report its calls, or loses them.",
    ja: "呼び出しを報告していない Pod からリクエストが来ています。その Pod のプロキシが報告していないか、失っています。",
  },
  B5: {
    en: "A call is in the right trace under another x-request-id: the application forwards traceparent without x-request-id.",
    ja: "正しいトレースの呼び出しに別の x-request-id が付いています。traceparent だけが転送されています。",
  },
  B6: {
    en: "A call reached its callee, which sent no span: no sidecar there, no tracing, or not HTTP.",
    ja: "呼び出しは届いていますが、相手がスパンを送っていません。サイドカーやトレースがないか、HTTP ではありません。",
  },
  B7: {
    en: "The trace names one caller, the address another: a hop between does not put itself into the headers.",
    ja: "トレースの呼び出し元とアドレスが異なります。途中のホップがヘッダーに自身を記録していません。",
  },
});

/** Return the sign in a few words. */
export const signName = (sign: Sign) => names[sign];

/** Return what the sign means, in a sentence. */
export const signMeaning = (sign: Sign) => meanings[sign];
