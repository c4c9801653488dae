def nets(python):
    return {}
