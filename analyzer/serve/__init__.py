"""The local web application: a document in, by form or by JSON, and its report out.

`server.run` binds the address and serves `app.create_app`; documents are read and analysed in the worker processes of
`pool.WorkerPool`, never in the process that talks to browsers. Nothing is stored unless asked, nothing is fetched.
"""
